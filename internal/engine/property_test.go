package engine_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/engine"
	"github.com/serverless-scaffold/scaffold/internal/project"
	"github.com/serverless-scaffold/scaffold/internal/source"
	"github.com/serverless-scaffold/scaffold/templates"
)

// shortRuns is how many random updates a test run makes; `make property` makes ten thousand, by RUNS.
const shortRuns = 40

// TestUpdateProperties makes random projects, edits them at random and updates them to random other blueprints. What is
// planned is what is written, no line of the user is lost, a second update changes nothing, and there and back without
// edits gives the same bytes.
func TestUpdateProperties(t *testing.T) {
	runs := shortRuns
	if text := os.Getenv("RUNS"); text != "" {
		number, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		runs = number
	}
	const workers = 4
	for worker := range workers {
		t.Run(fmt.Sprint("worker ", worker), func(t *testing.T) {
			t.Parallel()
			for n := range runs / workers {
				seed := uint64(worker*runs + n)
				if only := os.Getenv("SEED"); only != "" && only != fmt.Sprint(seed) {
					continue
				}
				run := &propertyRun{t: t, random: rand.New(rand.NewPCG(seed, 4)), seed: seed, engine: newEngine()}
				run.dir = filepath.Join(t.TempDir(), "orders")
				run.updateWithEdits()
				run.thereAndBack()
				if t.Failed() {
					t.Fatalf("the seed is %d", seed)
				}
				if err := os.RemoveAll(filepath.Dir(run.dir)); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func newEngine() *engine.Engine {
	return &engine.Engine{Packs: templates.FS, Version: "v0.0.0-test", Sources: &source.Store{Env: os.Environ()}, Env: os.Environ(), StateHome: os.TempDir() + "/scaffold-property-state"}
}

// propertyRun is one random project.
type propertyRun struct {
	t      *testing.T
	random *rand.Rand
	seed   uint64
	engine *engine.Engine
	dir    string
	lines  int
}

// blueprint is a random one. Without, the text has a comment of the user's at a random place.
func (r *propertyRun) blueprint() []byte {
	level := r.pick("mvp", "production", "enterprise", "hyperscale")
	regions := r.pick("eu-west-1", "us-east-1", "eu-west-1, eu-central-1")
	if level == "hyperscale" {
		regions = "eu-west-1, eu-central-1"
	}
	text := fmt.Sprintf("apiVersion: scaffold/v1\nplatform: lambda\nname: orders\nlevel: %s\nci: %s\nregions: [%s]\nauth:\n  audience: [%s]\n",
		level, r.pick("github", "none"), regions, r.pick("orders", "a, b"))
	text += "tables:\n  - name: reports\nfunctions:\n  - name: always\n    trigger: { type: sns }\n"
	for n, trigger := range []string{
		"type: http, path: /reports", "type: http, method: PUT, path: '/reports/{id}'", "type: sqs", "type: s3", "type: webhook, provider: slack",
		"type: schedule, schedule: 'rate(5 minutes)'", "type: dynamodb-stream, table: reports", "type: eventbridge, detailType: order.failed",
	} {
		if r.random.IntN(2) == 0 {
			text += fmt.Sprintf("  - name: added-%d\n    trigger: { %s }\n", n, trigger)
		}
	}
	return []byte(text)
}

func (r *propertyRun) pick(words ...string) string { return words[r.random.IntN(len(words))] }

func (r *propertyRun) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("seed %d: %v", r.seed, err)
	}
}

func (r *propertyRun) create(text []byte) {
	r.t.Helper()
	b, err := blueprint.Parse(blueprint.FileName, text)
	r.must(err)
	_, err = r.engine.New(r.t.Context(), b, filepath.Dir(r.dir), engine.PackOptions{})
	r.must(err)
}

func (r *propertyRun) update(dryRun bool) *engine.Updated {
	r.t.Helper()
	updated, err := r.engine.Update(r.t.Context(), engine.UpdateRequest{Dir: r.dir, Resolution: project.Markers, DryRun: dryRun})
	r.must(err)
	return updated
}

func (r *propertyRun) updateWithEdits() {
	r.create(r.blueprint())
	mine := r.edit()
	r.must(os.WriteFile(filepath.Join(r.dir, blueprint.FileName), r.blueprint(), 0o644))

	before := r.read()
	planned := r.update(true)
	if !maps.EqualFunc(before, r.read(), bytes.Equal) {
		r.t.Errorf("seed %d: the plan has written something", r.seed)
	}
	want := maps.Clone(before)
	for _, change := range planned.Changes {
		if change.After != nil {
			want[change.Path] = change.After
		} else if change.Action == project.Removed {
			delete(want, change.Path)
		}
	}
	r.update(false)
	after := r.read()
	r.compare("what was planned", without(want), without(after))
	all := string(bytes.Join(slices.Collect(maps.Values(after)), nil))
	for _, line := range mine {
		if !strings.Contains(all, line) {
			r.t.Errorf("seed %d: the line %q is lost", r.seed, line)
		}
	}
	r.update(false)
	r.compare("the first update", after, r.read())
}

// thereAndBack updates an untouched project to another blueprint and back.
func (r *propertyRun) thereAndBack() {
	r.must(os.RemoveAll(r.dir))
	r.create(r.blueprint())
	before := r.read()
	r.must(os.WriteFile(filepath.Join(r.dir, blueprint.FileName), r.blueprint(), 0o644))
	r.update(false)
	r.must(os.WriteFile(filepath.Join(r.dir, blueprint.FileName), before[blueprint.FileName], 0o644))
	r.update(false)
	r.compare("the project before", before, r.read())
}

// without leaves out what an update remembers, which is no part of its plan.
func without(files map[string][]byte) map[string][]byte {
	files = maps.Clone(files)
	maps.DeleteFunc(files, func(name string, _ []byte) bool { return project.IsRecord(name) })
	return files
}

func (r *propertyRun) compare(what string, want, got map[string][]byte) {
	r.t.Helper()
	for name := range want {
		if got[name] == nil || !bytes.Equal(got[name], want[name]) {
			r.t.Errorf("seed %d: %s is not as in %s", r.seed, name, what)
		}
	}
	for name := range got {
		if want[name] == nil {
			r.t.Errorf("seed %d: %s is not in %s", r.seed, name, what)
		}
	}
}

// read is all files of the project.
func (r *propertyRun) read() map[string][]byte {
	r.t.Helper()
	files := map[string][]byte{}
	r.must(filepath.WalkDir(r.dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(r.dir, file)
		if err == nil {
			files[filepath.ToSlash(name)], err = os.ReadFile(file)
		}
		return err
	}))
	return files
}

// edit changes the project at random places, and answers the lines that the user has written.
func (r *propertyRun) edit() []string {
	var mine []string
	files := without(r.read())
	delete(files, blueprint.FileName)
	names := slices.Sorted(maps.Keys(files))
	for range 1 + r.random.IntN(12) {
		name := names[r.random.IntN(len(names))]
		file := filepath.Join(r.dir, filepath.FromSlash(name))
		content, err := os.ReadFile(file)
		if err != nil {
			continue // It was deleted or renamed before.
		}
		switch r.random.IntN(8) {
		case 0:
			r.must(os.Remove(file))
			mine = slices.DeleteFunc(mine, func(line string) bool { return bytes.Contains(content, []byte(line)) })
		case 1:
			r.must(os.Rename(file, file+".mine"))
		case 2:
			mine = append(mine, r.line())
			r.must(os.WriteFile(filepath.Join(r.dir, fmt.Sprintf("mine-%d", r.lines)), []byte(mine[len(mine)-1]+"\n"), 0o644))
		case 3:
			r.must(os.WriteFile(file, bytes.ReplaceAll(content, []byte("\n"), []byte("\r\n")), 0o644))
		default:
			lines := strings.SplitAfter(string(content), "\n")
			at := r.random.IntN(len(lines))
			mine = append(mine, r.line())
			lines = slices.Insert(lines, at, mine[len(mine)-1]+"\n")
			if r.random.IntN(2) == 0 && at+1 < len(lines) && !slices.ContainsFunc(mine, func(line string) bool { return strings.Contains(lines[at+1], line) }) {
				lines = slices.Delete(lines, at+1, at+2)
			}
			r.must(os.WriteFile(file, []byte(strings.Join(lines, "")), 0o644))
		}
	}
	return mine
}

func (r *propertyRun) line() string {
	r.lines++
	return fmt.Sprintf("a line of mine, %d of %d", r.lines, r.seed)
}
