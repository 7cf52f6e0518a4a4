//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/serverless-scaffold/scaffold/internal/lambdahost"
	"github.com/serverless-scaffold/scaffold/internal/testtools"
)

// startsMeasured is how often each function is started; the figures are medians.
const startsMeasured = 15

// BenchmarkStart compares the start of every function with that of an empty handler, in turns on the same host.
func BenchmarkStart(b *testing.B) {
	runtime := testtools.NodeRuntime(b)
	empty := b.TempDir()
	if err := os.WriteFile(filepath.Join(empty, "index.mjs"), []byte("export const handler = async () => ({});\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	bundles, err := filepath.Glob(filepath.Join(os.Getenv("PROJECTS"), "production", "orders", "dist", "*"))
	if err != nil || len(bundles) == 0 {
		b.Fatalf("PROJECTS has no bundles; run `make bench`: %v", err)
	}
	for b.Loop() {
		starts := map[string][]lambdahost.Start{}
		for range startsMeasured {
			for _, dir := range append([]string{empty}, bundles...) {
				start, err := lambdahost.MeasureStart(b.Context(), runtime, &lambdahost.Function{
					Name: filepath.Base(dir), Dir: dir, Handler: "index.handler", Region: region, MemoryMB: 1024, Timeout: time.Second,
					Environment: map[string]string{"MAX_RECEIVE_COUNT": "5", "POWERTOOLS_SERVICE_NAME": "orders"},
				})
				if err != nil {
					b.Fatal(err)
				}
				starts[dir] = append(starts[dir], start)
			}
		}
		base := lambdahost.Median(starts[empty])
		b.Logf("%-20s %6.1f ms CPU %6.1f ms", "empty handler", ms(base.Wall), ms(base.CPU))
		for _, dir := range bundles {
			median := lambdahost.Median(starts[dir])
			b.Logf("%-20s %6.1f ms CPU %6.1f ms   x %.2f   CPU x %.2f", filepath.Base(dir), ms(median.Wall), ms(median.CPU),
				median.Wall.Seconds()/base.Wall.Seconds(), median.CPU.Seconds()/base.CPU.Seconds())
		}
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
