package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/engine"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/project"
)

// TestScale prints what one more function costs in projects of growing size: the time of an addition, and that of an update
// of everything, each by the number of functions. `make scale` runs it; times are for reading and not asserted.
func TestScale(t *testing.T) {
	if os.Getenv("SCALE") == "" {
		t.Skip("make scale runs it")
	}
	e := newEngine()
	dir := filepath.Join(t.TempDir(), "orders")
	createPlain(t, e, dir)
	added := 0
	for _, size := range []int{25, 50, 100, 150, 200} {
		began := time.Now()
		first := added
		for ; added < size; added++ {
			function := &blueprint.Function{Name: fmt.Sprintf("function-%d", added), Trigger: blueprint.Trigger{Type: "sqs"}}
			if _, err := e.Add(t.Context(), &engine.AddRequest{Dir: dir, Function: function, Resolution: project.Abort}); err != nil {
				t.Fatal(err)
			}
		}
		took := time.Since(began)
		t.Logf("%4d functions: %7.1f ms for one more, of which %.2f ms for each that is there", added, milliseconds(took)/float64(added-first), milliseconds(took)/float64(added-first)/float64(added))
	}
	for _, size := range []int{250, 500, 1000} {
		text, err := os.ReadFile(filepath.Join(dir, blueprint.FileName))
		if err != nil {
			t.Fatal(err)
		}
		for ; added < size; added++ {
			text = fmt.Appendf(text, "  - name: function-%d\n    trigger: { type: sqs }\n", added)
		}
		if err := os.WriteFile(filepath.Join(dir, blueprint.FileName), text, 0o644); err != nil {
			t.Fatal(err)
		}
		updateTo(t, e, dir, nil)
		began := time.Now()
		updateTo(t, e, dir, map[string]string{"level": "mvp"})
		down := time.Since(began)
		began = time.Now()
		updateTo(t, e, dir, map[string]string{"level": "production"})
		took := (down + time.Since(began)) / 2
		t.Logf("%4d functions: %7.1f ms for an update of all, %.2f ms for each", size, milliseconds(took), milliseconds(took)/float64(size))
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func createPlain(t *testing.T, e *engine.Engine, dir string) {
	t.Helper()
	draft := blueprint.NewDraft()
	for key, value := range map[string]string{"platform": "lambda", "name": filepath.Base(dir)} {
		if err := draft.SetText(key, value, fault.Place{}); err != nil {
			t.Fatal(err)
		}
	}
	b, err := draft.Finish()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.New(t.Context(), b, filepath.Dir(dir), engine.PackOptions{}); err != nil {
		t.Fatal(err)
	}
}

func updateTo(t *testing.T, e *engine.Engine, dir string, set map[string]string) {
	t.Helper()
	if _, err := e.Update(t.Context(), engine.UpdateRequest{Dir: dir, Set: set, Resolution: project.Markers}); err != nil {
		t.Fatal(err)
	}
}
