package main

import "orders/infra/constructs"

// The numbers that this service promises.
const (
	memoryMB              = 512
	apiTimeoutSeconds     = 10
	workerTimeoutSeconds  = 30
	maxReceiveCount       = 3
	maxWorkerConcurrency  = 10
	maxQueueAgeSeconds    = 900
	maxStreamLagSeconds   = 300
	asyncRetryAttempts    = 2
	asyncMaxAgeMinutes    = 360
	streamRetryAttempts   = 5
	deadLetterDays        = 4
	recoveryDays          = 7
	maxTableRequestUnits  = 1000
	reconcileEveryMinutes = 15
	logRetentionDays      = 7
	debugSampleRate       = "0"
)

var (
	apiThresholds = constructs.APIThresholds{
		ErrorPercent:        1,
		MinRequests:         100,
		LatencyMilliseconds: 1000,
	}
	apiThrottle   = constructs.Throttle{Rate: 50, Burst: 100}
	writeThrottle = constructs.Throttle{Rate: 50, Burst: 100}
)
