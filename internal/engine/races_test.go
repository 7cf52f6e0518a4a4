package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/engine"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/project"
)

// shortRaces is how many rounds a test run makes; `make races` makes five hundred, by RACES.
const shortRaces = 40

// smallPack is a pack with a file that inputs change, and one for each function.
var smallPack = map[string]string{
	"pack.yaml":               "apiVersion: scaffold/v1\nkind: Pack\nname: small\nlayers:\n  - {from: files}\n  - {from: function, each: functions}\n",
	"files/a.txt.tmpl":        "ci <% .Blueprint.CI %>\none\ntwo\nthree\nfour\nfive\n",
	"files/list.txt.tmpl":     "functions\n<% range .Blueprint.Functions %><% .Name %>\n<% end %>end\n",
	"function/__name__.txt":   "a function\n",
	"files/deep/untouched.md": "as it is\n",
}

// TestCommandsAtOnce runs two or three commands and an editor on one project at the same time. What a command has said that it has
// done is there, nothing that the editor has saved is lost, and nobody is kept out afterwards.
func TestCommandsAtOnce(t *testing.T) {
	rounds := shortRaces
	if text := os.Getenv("RACES"); text != "" {
		number, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		rounds = number
	}
	pack := t.TempDir()
	for name, text := range smallPack {
		file := filepath.Join(pack, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	counts := map[string]int{}
	for n := range rounds {
		r := &race{t: t, pack: pack, random: rand.New(rand.NewPCG(uint64(n), 9)), dir: filepath.Join(t.TempDir(), "orders"), n: n}
		r.run()
		for what, count := range r.counts {
			counts[what] += count
		}
	}
	t.Logf("%d rounds: %v", rounds, counts)
	if counts["saves lost"] > 0 {
		t.Errorf("%d saves of the editor are lost", counts["saves lost"])
	}
}

// race is one round.
type race struct {
	t      *testing.T
	pack   string
	random *rand.Rand
	dir    string
	n      int

	// editor is held during a save: there is one editor.
	editor sync.Mutex
	mutex  sync.Mutex
	counts map[string]int
	// added is the functions whose command has said that they are there, and saved what the editor has written, by file.
	added []string
	saved map[string]string
	// overwritten is the blueprints that the editor has saved, from what it had read before.
	overwritten []string
	ci          string
}

func (r *race) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("round %d: %v", r.n, err)
	}
}

func (r *race) count(what string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.counts[what]++
}

func (r *race) run() {
	r.t.Helper()
	r.counts, r.saved = map[string]int{}, map[string]string{}
	draft := blueprint.NewDraft()
	for key, value := range map[string]string{"platform": "lambda", "name": "orders", "level": "mvp"} {
		r.must(draft.SetText(key, value, fault.Place{}))
	}
	b, err := draft.Finish()
	r.must(err)
	_, err = newEngine().New(r.t.Context(), b, filepath.Dir(r.dir), engine.PackOptions{Template: r.pack})
	r.must(err)
	actions := []func(int){r.add, r.add, r.update, r.plan, r.saveFile, r.saveFile, r.saveBlueprint}
	var running sync.WaitGroup
	for n := range 2 + r.random.IntN(2) {
		action := actions[r.random.IntN(len(actions))]
		running.Go(func() { action(n) })
	}
	running.Wait()
	r.settle()
}

// outcome counts what a command has said. Another command or the editor may have been faster, and nothing else may go wrong.
func (r *race) outcome(name string, err error) (isDone bool) {
	switch {
	case err == nil:
		r.count(name + " done")
		return true
	case fault.CodeOf(err) == fault.Conflicts:
		r.count(name + " was told that a file had been changed")
	default:
		r.t.Errorf("round %d: %s: %v", r.n, name, err)
	}
	return false
}

func (r *race) add(n int) {
	name := fmt.Sprintf("added-%d", n)
	_, err := newEngine().Add(context.Background(), &engine.AddRequest{
		Dir: r.dir, Function: &blueprint.Function{Name: name, Trigger: blueprint.Trigger{Type: "sqs"}}, Resolution: project.Abort,
	})
	if r.outcome("add", err) {
		r.mutex.Lock()
		r.added = append(r.added, name)
		r.mutex.Unlock()
	}
}

func (r *race) update(int) {
	_, err := newEngine().Update(context.Background(), engine.UpdateRequest{Dir: r.dir, Set: map[string]string{"ci": "none"}, Resolution: project.Markers})
	if r.outcome("update", err) {
		r.mutex.Lock()
		r.ci = "none"
		r.mutex.Unlock()
	}
}

// plan reads while others write. It waits for them.
func (r *race) plan(int) {
	_, err := newEngine().Update(context.Background(), engine.UpdateRequest{Dir: r.dir, Resolution: project.Markers, DryRun: true})
	r.outcome("plan", err)
}

// save writes a file as editors do: beside it, and then under its name.
func (r *race) save(name string, change func([]byte) []byte) []byte {
	r.editor.Lock()
	defer r.editor.Unlock()
	file := filepath.Join(r.dir, name)
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	changed := change(text)
	if os.WriteFile(file+"~", changed, 0o644) != nil || os.Rename(file+"~", file) != nil {
		return nil
	}
	r.count("saves")
	return changed
}

func (r *race) saveFile(n int) {
	line := fmt.Sprintf("a line of mine, %d\n", n)
	if r.save("a.txt", func(text []byte) []byte { return append(bytes.Clone(text), line...) }) != nil {
		r.mutex.Lock()
		r.saved[line] = "a.txt"
		r.mutex.Unlock()
	}
}

func (r *race) saveBlueprint(n int) {
	line := fmt.Sprintf("# a comment of mine, %d\n", n)
	if text := r.save(blueprint.FileName, func(text []byte) []byte { return append([]byte(line), text...) }); text != nil {
		r.mutex.Lock()
		r.saved[line] = blueprint.FileName
		r.overwritten = append(r.overwritten, string(text))
		r.mutex.Unlock()
	}
}

// settle looks at what is there once everybody is done, and updates once more.
func (r *race) settle() {
	r.t.Helper()
	wanted := r.read(blueprint.FileName)
	for line, name := range r.saved {
		if !strings.Contains(r.read(name), line) && !r.isSavedOver(line) {
			r.count("saves lost")
			r.t.Logf("round %d: %q is not in %s:\n%s\nafter %v", r.n, line, name, r.read(name), r.counts)
		}
	}
	for _, name := range r.added {
		if !strings.Contains(wanted, name) && !r.isSavedOver(name) {
			r.t.Errorf("round %d: %s was added, and is not in the blueprint:\n%s", r.n, name, wanted)
		}
		if strings.Contains(wanted, name) && r.read(name+".txt") == "" {
			r.t.Errorf("round %d: %s was added, and its file is not there", r.n, name)
		}
	}
	if r.ci != "" && !strings.Contains(wanted, "ci: "+r.ci) && !r.isSavedOver("ci: "+r.ci) {
		r.t.Errorf("round %d: the update is not in the blueprint:\n%s", r.n, wanted)
	}
	result, err := newEngine().Update(r.t.Context(), engine.UpdateRequest{Dir: r.dir, Resolution: project.Markers})
	r.must(err)
	if len(result.Conflicts()) > 0 {
		r.count("conflicts to resolve")
	}
}

// isSavedOver reports whether the editor itself has written over something: it had read the file before that was there.
func (r *race) isSavedOver(what string) bool {
	for _, text := range r.overwritten {
		if !strings.Contains(text, what) {
			return true
		}
	}
	return false
}

func (r *race) read(name string) string {
	text, _ := os.ReadFile(filepath.Join(r.dir, name))
	return string(text)
}
