package main

import "orders/infra/constructs"

// The numbers that this service promises. docs/slo.yaml and the runbooks speak of the same ones.
const (
	memoryMB              = 1024
	apiTimeoutSeconds     = 10
	workerTimeoutSeconds  = 30
	maxReceiveCount       = 5
	maxWorkerConcurrency  = 10
	maxQueueAgeSeconds    = 300
	maxStreamLagSeconds   = 60
	asyncRetryAttempts    = 2
	asyncMaxAgeMinutes    = 60
	streamRetryAttempts   = 5
	deadLetterDays        = 14
	recoveryDays          = 35
	maxTableRequestUnits  = 1000
	reconcileEveryMinutes = 15
	logRetentionDays      = 30
	debugSampleRate       = "0.01"
)

var (
	functionThresholds = constructs.FunctionThresholds{
		ErrorPercent:          0.1,
		ThrottlePercent:       0.01,
		MinInvocations:        100,
		TimeoutPercent:        80,
		MemoryPercent:         80,
		WarmMilliseconds:      100,
		ColdStartMilliseconds: 500,
	}
	apiThresholds = constructs.APIThresholds{
		ErrorPercent:        0.1,
		MinRequests:         100,
		LatencyMilliseconds: 300,
	}
	apiThrottle   = constructs.Throttle{Rate: 100, Burst: 200}
	writeThrottle = constructs.Throttle{Rate: 50, Burst: 100}
	canary        = constructs.CanaryProps{Percent: 10, Minutes: 5}
)
