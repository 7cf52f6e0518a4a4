package lambdahost

import (
	"context"
	"io"
	"slices"
	"time"
)

// Start is what the start of one process took, until it asked for its first invocation.
type Start struct {
	Wall time.Duration
	// CPU is the processor time, which a busy machine changes far less than the wall time.
	CPU time.Duration
}

// MeasureStart starts the function once and ends it as soon as it is ready.
func MeasureStart(ctx context.Context, r *Runtime, f *Function) (Start, error) {
	began := time.Now()
	e, err := startEnvironment(ctx, r, f, &lockedWriter{out: io.Discard})
	if err != nil {
		return Start{}, err
	}
	wall := time.Since(began)
	e.stop()
	return Start{Wall: wall, CPU: e.process.CPU()}, nil
}

// Median is the median of each figure by itself; of an even number of starts the upper of the two in the middle.
func Median(starts []Start) Start {
	wall, cpu := make([]time.Duration, len(starts)), make([]time.Duration, len(starts))
	for i, start := range starts {
		wall[i], cpu[i] = start.Wall, start.CPU
	}
	slices.Sort(wall)
	slices.Sort(cpu)
	return Start{Wall: wall[len(wall)/2], CPU: cpu[len(cpu)/2]}
}
