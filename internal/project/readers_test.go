package project_test

import (
	"sync"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/project"
)

// Commands that read while another one writes wait for it. They never take a living update for an interrupted one, nor half of it
// for damage.
func TestReadersWhileSomebodyWrites(t *testing.T) {
	dir := newProject(t, rendered(before))
	done := make(chan struct{})
	var reading sync.WaitGroup
	for range 3 {
		reading.Go(func() {
			for count := 0; ; count++ {
				select {
				case <-done:
					return
				default:
				}
				if _, err := project.Open(t.Context(), place(dir)); err != nil {
					t.Errorf("after %d readings: %v", count, err)
					return
				}
				if err := project.Interrupted(t.Context(), place(dir)); err != nil {
					t.Errorf("after %d readings: %v", count, err)
					return
				}
			}
		})
	}
	for n := range 40 {
		run(t, dir, rendered([]string{after, before}[n%2]), project.Markers)
	}
	close(done)
	reading.Wait()
}
