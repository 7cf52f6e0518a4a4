package quality

// Policy is what a level demands, as numbers and switches. It is all that templates and gates see of a level.
// The units and the sources of the numbers are in levels.yaml, whose keys are the names below.
type Policy struct {
	Coverage struct {
		Lines       float64 `yaml:"lines"`
		Branches    float64 `yaml:"branches"`
		Mutation    float64 `yaml:"mutation"`
		Integration bool    `yaml:"integration"`
		Contract    bool    `yaml:"contract"`
	} `yaml:"coverage"`
	Docs struct {
		Architecture bool `yaml:"architecture"`
		Runbooks     bool `yaml:"runbooks"`
		Decisions    int  `yaml:"decisions"`
		ThreatModel  bool `yaml:"threatModel"`
		CapacityPlan bool `yaml:"capacityPlan"`
	} `yaml:"docs"`
	Code struct {
		Enforced      bool `yaml:"enforced"`
		FunctionLines int  `yaml:"functionLines"`
		Complexity    int  `yaml:"complexity"`
		Parameters    int  `yaml:"parameters"`
		Depth         int  `yaml:"depth"`
		FileLines     int  `yaml:"fileLines"`
	} `yaml:"code"`
	Package struct {
		UnzippedMB        int  `yaml:"unzippedMB"`
		NodeZipKB         int  `yaml:"nodeZipKB"`
		Signed            bool `yaml:"signed"`
		SignatureEnforced bool `yaml:"signatureEnforced"`
	} `yaml:"package"`
	Function struct {
		MemoryMB               int     `yaml:"memoryMB"`
		APITimeoutSeconds      int     `yaml:"apiTimeoutSeconds"`
		WorkerTimeoutSeconds   int     `yaml:"workerTimeoutSeconds"`
		ColdStartMilliseconds  int     `yaml:"coldStartMilliseconds"`
		StartRatio             float64 `yaml:"startRatio"`
		ProvisionedConcurrency int     `yaml:"provisionedConcurrency"`
		ReservedConcurrency    bool    `yaml:"reservedConcurrency"`
		APIConcurrency         int     `yaml:"apiConcurrency"`
	} `yaml:"function"`
	Queue struct {
		MaxReceiveCount         int  `yaml:"maxReceiveCount"`
		MaxConcurrency          int  `yaml:"maxConcurrency"`
		DeadLetterRetentionDays int  `yaml:"deadLetterRetentionDays"`
		Everywhere              bool `yaml:"everywhere"`
		ProvisionedPollers      int  `yaml:"provisionedPollers"`
	} `yaml:"queue"`
	Async struct {
		RetryAttempts       int `yaml:"retryAttempts"`
		MaxAgeMinutes       int `yaml:"maxAgeMinutes"`
		StreamRetryAttempts int `yaml:"streamRetryAttempts"`
	} `yaml:"async"`
	API struct {
		IdempotencyHours int  `yaml:"idempotencyHours"`
		MaxBodyKB        int  `yaml:"maxBodyKB"`
		Scopes           bool `yaml:"scopes"`
	} `yaml:"api"`
	Secrets struct {
		MaxAgeSeconds int `yaml:"maxAgeSeconds"`
	} `yaml:"secrets"`
	Permissions struct {
		Exact    bool `yaml:"exact"`
		Boundary bool `yaml:"boundary"`
	} `yaml:"permissions"`
	Encryption struct {
		AtRest       bool `yaml:"atRest"`
		CustomerKeys bool `yaml:"customerKeys"`
	} `yaml:"encryption"`
	Logs struct {
		RetentionDays   int     `yaml:"retentionDays"`
		JSON            bool    `yaml:"json"`
		DebugSampleRate float64 `yaml:"debugSampleRate"`
	} `yaml:"logs"`
	Tracing struct {
		Active bool `yaml:"active"`
	} `yaml:"tracing"`
	Alarms struct {
		ErrorPercent           float64 `yaml:"errorPercent"`
		ThrottlePercent        float64 `yaml:"throttlePercent"`
		MinRequests            int     `yaml:"minRequests"`
		WarmMilliseconds       int     `yaml:"warmMilliseconds"`
		APILatencyMilliseconds int     `yaml:"apiLatencyMilliseconds"`
		TimeoutPercent         int     `yaml:"timeoutPercent"`
		MemoryPercent          int     `yaml:"memoryPercent"`
		QueueAgeSeconds        int     `yaml:"queueAgeSeconds"`
		StreamLagSeconds       int     `yaml:"streamLagSeconds"`
		Everywhere             bool    `yaml:"everywhere"`
		Composite              bool    `yaml:"composite"`
	} `yaml:"alarms"`
	Dashboards struct {
		Count int `yaml:"count"`
	} `yaml:"dashboards"`
	SLO struct {
		AvailabilityPercent float64 `yaml:"availabilityPercent"`
		LatencyMilliseconds int     `yaml:"latencyMilliseconds"`
		ProcessedSeconds    int     `yaml:"processedSeconds"`
	} `yaml:"slo"`
	Budget struct {
		MonthlyUSD      int  `yaml:"monthlyUSD"`
		ActualPercent   int  `yaml:"actualPercent"`
		ForecastPercent int  `yaml:"forecastPercent"`
		Anomalies       bool `yaml:"anomalies"`
	} `yaml:"budget"`
	Throttle struct {
		Rate               int  `yaml:"rate"`
		Burst              int  `yaml:"burst"`
		WriteRate          int  `yaml:"writeRate"`
		WriteBurst         int  `yaml:"writeBurst"`
		Firewall           bool `yaml:"firewall"`
		RequestsPerAddress int  `yaml:"requestsPerAddress"`
	} `yaml:"throttle"`
	Deploy struct {
		CanaryPercent int  `yaml:"canaryPercent"`
		CanaryMinutes int  `yaml:"canaryMinutes"`
		Stages        int  `yaml:"stages"`
		Scans         bool `yaml:"scans"`
		LoadTest      bool `yaml:"loadTest"`
	} `yaml:"deploy"`
	Data struct {
		RecoveryDays      int  `yaml:"recoveryDays"`
		Protected         bool `yaml:"protected"`
		Backups           bool `yaml:"backups"`
		MaxRequestUnits   int  `yaml:"maxRequestUnits"`
		BackupDays        int  `yaml:"backupDays"`
		MonthlyBackupDays int  `yaml:"monthlyBackupDays"`
	} `yaml:"data"`
	Recovery struct {
		TimeMinutes  int `yaml:"timeMinutes"`
		PointSeconds int `yaml:"pointSeconds"`
	} `yaml:"recovery"`
	Regions struct {
		Active int  `yaml:"active"`
		Edge   bool `yaml:"edge"`
	} `yaml:"regions"`
}
