package engine_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/engine"
	"github.com/serverless-scaffold/scaffold/internal/project"
)

// branchChange is what one person does on a branch.
type branchChange struct {
	name string
	do   func(b *branchRun, dir string) error
}

func addsFunction(name string, trigger blueprint.Trigger) branchChange {
	return branchChange{"function " + name, func(b *branchRun, dir string) error {
		return b.add(&engine.AddRequest{Dir: dir, Function: &blueprint.Function{Name: name, Trigger: trigger}})
	}}
}

func addsResource(kind, name string) branchChange {
	return branchChange{kind + " " + name, func(b *branchRun, dir string) error {
		return b.add(&engine.AddRequest{Dir: dir, Kind: kind, Resource: blueprint.Resource{Name: name}})
	}}
}

func sets(key, value string) branchChange {
	return branchChange{key, func(b *branchRun, dir string) error {
		_, err := b.engine.Update(b.t.Context(), engine.UpdateRequest{Dir: dir, Set: map[string]string{key: value}, Resolution: project.Markers})
		return err
	}}
}

func edits(file, old, new string) branchChange {
	return branchChange{"edit of " + file, func(_ *branchRun, dir string) error {
		name := filepath.Join(dir, filepath.FromSlash(file))
		text, err := os.ReadFile(name)
		if err == nil && !bytes.Contains(text, []byte(old)) {
			err = fmt.Errorf("%s has no %q", file, old)
		}
		if err != nil {
			return err
		}
		return os.WriteFile(name, bytes.Replace(text, []byte(old), []byte(new), 1), 0o644)
	}}
}

// branchChanges is what people do in a project: everything that can be added, what an update changes, and edits by hand in files
// that additions touch too.
func branchChanges() []branchChange {
	return []branchChange{
		addsFunction("list-reports", blueprint.Trigger{Type: "http"}),
		addsFunction("read-imports", blueprint.Trigger{Type: "sqs"}),
		addsFunction("hear-orders", blueprint.Trigger{Type: "eventbridge", DetailType: "order.completed"}),
		addsFunction("nightly", blueprint.Trigger{Type: "schedule", Schedule: "rate(1 day)"}),
		addsFunction("notify", blueprint.Trigger{Type: "sns"}),
		addsFunction("resize", blueprint.Trigger{Type: "s3"}),
		addsFunction("project-items", blueprint.Trigger{Type: "dynamodb-stream", Table: "items"}),
		addsFunction("on-payment", blueprint.Trigger{Type: "webhook", Provider: "stripe"}),
		addsResource("table", "reports"),
		addsResource("queue", "imports"),
		addsResource("bus", "audit"),
		addsResource("secret", "partner-key"),
		sets("level", "production"),
		sets("ci", "none"),
		sets("regions", "us-east-1"),
		sets("auth.issuer", "https://login.example.org/"),
		edits("infra/stack.go", "package main\n", "package main\n\n// The shop team looks after this.\n"),
		edits("README.md", "# orders\n", "# orders\n\nAsk the shop team.\n"),
		edits("src/http/problem.ts", "import", "// Edited by hand.\nimport"),
	}
}

// branchPairs is how many of the pairs CI tries; PAIRS=all tries all of them, by merge and by rebase.
const branchPairs = 24

// TestTwoBranches makes two changes on two branches, merges them with git and updates. The result is what the same two changes
// give in one place, byte for byte, and git knows of no conflict any more.
func TestTwoBranches(t *testing.T) {
	changes := branchChanges()
	type pair struct{ ours, theirs branchChange }
	var pairs []pair
	for n, ours := range changes {
		for _, theirs := range changes[n+1:] {
			pairs = append(pairs, pair{ours, theirs})
		}
	}
	every := len(pairs) / branchPairs
	if os.Getenv("PAIRS") == "all" {
		every = 1
	}
	counts := map[string]int{}
	for n := 0; n < len(pairs); n += every {
		for _, how := range []string{"merge", "rebase"} {
			if every > 1 && (n/every)%2 == 0 == (how == "merge") {
				continue
			}
			b := &branchRun{t: t, engine: newEngine(), name: fmt.Sprintf("%s and %s by %s", pairs[n].ours.name, pairs[n].theirs.name, how)}
			counts[b.try(pairs[n].ours, pairs[n].theirs, how)]++
		}
	}
	t.Logf("%v", counts)
	if counts["conflicts left"] > 0 {
		t.Errorf("none of these changes touches a line of another, and %d pairs are left with conflicts", counts["conflicts left"])
	}
}

// branchRun is one pair of branches.
type branchRun struct {
	t      *testing.T
	engine *engine.Engine
	name   string
}

func (b *branchRun) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatalf("%s: %v", b.name, err)
	}
}

func (b *branchRun) add(request *engine.AddRequest) error {
	request.Resolution = project.Abort
	_, err := b.engine.Add(b.t.Context(), request)
	return err
}

func (b *branchRun) create(dir string) {
	b.t.Helper()
	text := "apiVersion: scaffold/v1\nplatform: lambda\nname: orders\nlevel: mvp\nci: github\nregions: [eu-west-1]\nauth:\n  issuer: https://login.example.com/\n" +
		"tables:\n  - name: items\nfunctions:\n  - name: first\n    trigger: { type: sqs }\n"
	parsed, err := blueprint.Parse(blueprint.FileName, []byte(text))
	b.must(err)
	_, err = b.engine.New(b.t.Context(), parsed, filepath.Dir(dir), engine.PackOptions{})
	b.must(err)
	b.must(os.WriteFile(filepath.Join(dir, blueprint.FileName), []byte(text), 0o644))
	_, err = b.engine.Update(b.t.Context(), engine.UpdateRequest{Dir: dir, Resolution: project.Markers})
	b.must(err)
}

func (b *branchRun) git(dir string, args ...string) error {
	cmd := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "core.editor=true", "-c", "commit.gpgsign=false"}, args...)...)
	cmd.Dir = dir
	output, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("git %s: %w: %s", strings.Join(args, " "), err, output)
	}
	return nil
}

// try makes both changes on branches, brings them together, and says what came of it.
func (b *branchRun) try(ours, theirs branchChange, how string) string {
	b.t.Helper()
	parent, err := os.MkdirTemp("", "branches-")
	b.must(err)
	defer func() { _ = os.RemoveAll(parent) }()
	want, dir := filepath.Join(parent, "want", "orders"), filepath.Join(parent, "orders")
	b.create(want)
	b.must(ours.do(b, want))
	b.must(theirs.do(b, want))

	b.create(dir)
	b.must(b.git(dir, "init", "--quiet", "--initial-branch", "ours"))
	b.must(errors.Join(b.git(dir, "add", "--all"), b.git(dir, "commit", "--quiet", "--message", "one")))
	b.must(b.git(dir, "branch", "theirs"))
	b.must(ours.do(b, dir))
	b.must(errors.Join(b.git(dir, "add", "--all"), b.git(dir, "commit", "--quiet", "--message", "ours")))
	b.must(b.git(dir, "checkout", "--quiet", "theirs"))
	b.must(theirs.do(b, dir))
	b.must(errors.Join(b.git(dir, "add", "--all"), b.git(dir, "commit", "--quiet", "--message", "theirs")))

	outcome := "merged by git alone"
	var merged error
	if how == "merge" {
		b.must(b.git(dir, "checkout", "--quiet", "ours"))
		merged = b.git(dir, "merge", "--quiet", "--no-edit", "theirs")
	} else {
		merged = b.git(dir, "rebase", "--quiet", "ours")
	}
	if merged != nil {
		outcome = "conflicts, settled by update"
	}
	result, err := b.engine.Update(b.t.Context(), engine.UpdateRequest{Dir: dir, Resolution: project.Markers})
	b.must(err)
	if result.GitProblem != nil {
		b.t.Errorf("%s: %v", b.name, result.GitProblem)
	}
	if len(result.Conflicts()) > 0 {
		for _, conflict := range result.Conflicts() {
			b.t.Logf("%s: %s %v", b.name, conflict.Path, conflict.Lines)
		}
		return "conflicts left"
	}
	if merged != nil {
		if how == "merge" {
			b.must(b.git(dir, "commit", "--quiet", "--no-edit"))
		} else {
			b.must(b.git(dir, "rebase", "--continue"))
		}
	}
	b.must(b.git(dir, "diff", "--exit-code", "--name-only"))
	b.compare(want, dir)
	return outcome
}

func (b *branchRun) compare(want, dir string) {
	b.t.Helper()
	expected, got := (&propertyRun{t: b.t, dir: want}).read(), (&propertyRun{t: b.t, dir: dir}).read()
	maps.DeleteFunc(got, func(name string, _ []byte) bool { return strings.HasPrefix(name, ".git/") })
	all := maps.Clone(expected)
	maps.Copy(all, got)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !bytes.Equal(expected[name], got[name]) || (expected[name] == nil) != (got[name] == nil) {
			b.t.Errorf("%s: %s is not as in the project that was made in one go:\n%s\nwant\n%s", b.name, name, got[name], expected[name])
		}
	}
}

// meeting is a repository with two branches that have each added a function and edited the same line of the README, merged by git.
func meeting(t *testing.T) (b *branchRun, dir string) {
	t.Helper()
	b = &branchRun{t: t, engine: newEngine(), name: t.Name()}
	dir = filepath.Join(t.TempDir(), "orders")
	b.create(dir)
	b.must(b.git(dir, "init", "--quiet", "--initial-branch", "ours"))
	b.must(errors.Join(b.git(dir, "add", "--all"), b.git(dir, "commit", "--quiet", "--message", "one"), b.git(dir, "branch", "theirs")))
	for _, side := range []string{"ours", "theirs"} {
		b.must(b.git(dir, "checkout", "--quiet", side))
		b.must(addsFunction("by-"+side, blueprint.Trigger{Type: "sqs"}).do(b, dir))
		b.must(edits("README.md", "# orders\n", "# orders of "+side+"\n").do(b, dir))
		b.must(errors.Join(b.git(dir, "add", "--all"), b.git(dir, "commit", "--quiet", "--message", side)))
	}
	b.must(b.git(dir, "checkout", "--quiet", "ours"))
	if b.git(dir, "merge", "--quiet", "--no-edit", "theirs") == nil {
		t.Fatal("git has found no conflict")
	}
	return b, dir
}

// What two people have changed at one place is the only conflict that is left, in the file and in git's index.
func TestTwoBranchesThatMeet(t *testing.T) {
	b, dir := meeting(t)
	result, err := b.engine.Update(t.Context(), engine.UpdateRequest{Dir: dir, Resolution: project.Markers})
	b.must(err)
	conflicts := result.Conflicts()
	if len(conflicts) != 1 || conflicts[0].Path != "README.md" || !slices.Equal(conflicts[0].Lines, []int{1}) {
		t.Fatalf("the conflicts are %v", conflicts)
	}
	text, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil || !bytes.Contains(text, []byte("# orders of ours\n")) || !bytes.Contains(text, []byte("# orders of theirs\n")) {
		t.Errorf("README.md has lost a side: %v\n%s", err, text)
	}
	unmerged, err := exec.Command("git", "-C", dir, "diff", "--name-only", "--diff-filter=U").Output()
	if err != nil || string(unmerged) != "README.md\n" {
		t.Errorf("git says %q, %v", unmerged, err)
	}
	for _, name := range []string{"src/functions/by-ours.ts", "src/functions/by-theirs.ts"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

// What somebody has resolved by hand before the update stays as it is.
func TestTwoBranchesThatWereResolvedByHand(t *testing.T) {
	b, dir := meeting(t)
	name := filepath.Join(dir, "README.md")
	const mine = "# orders of both\n\nWritten anew.\n"
	b.must(os.WriteFile(name, []byte(mine), 0o644))
	result, err := b.engine.Update(t.Context(), engine.UpdateRequest{Dir: dir, Resolution: project.Markers})
	b.must(err)
	if len(result.Conflicts()) > 0 {
		t.Errorf("there are conflicts: %v", result.Conflicts()[0].Path)
	}
	if text, err := os.ReadFile(name); err != nil || string(text) != mine {
		t.Errorf("it became %q, %v", text, err)
	}
	b.must(b.git(dir, "commit", "--quiet", "--no-edit"))
	again, err := b.engine.Update(t.Context(), engine.UpdateRequest{Dir: dir, Resolution: project.Markers})
	b.must(err)
	if len(again.Changes) > 0 {
		t.Errorf("a second update changes %s", again.Changes[0].Path)
	}
}

// parted is a repository with two branches, each with commits of its own; the first is checked out.
func parted(t *testing.T, ours, theirs []branchChange) (b *branchRun, dir string) {
	t.Helper()
	b = &branchRun{t: t, engine: newEngine(), name: t.Name()}
	dir = filepath.Join(t.TempDir(), "orders")
	b.create(dir)
	b.must(b.git(dir, "init", "--quiet", "--initial-branch", "ours"))
	b.must(errors.Join(b.git(dir, "add", "--all"), b.git(dir, "commit", "--quiet", "--message", "one"), b.git(dir, "branch", "theirs")))
	for side, changes := range map[string][]branchChange{"ours": ours, "theirs": theirs} {
		b.must(b.git(dir, "checkout", "--quiet", side))
		for _, change := range changes {
			b.must(change.do(b, dir))
			b.must(errors.Join(b.git(dir, "add", "--all"), b.git(dir, "commit", "--quiet", "--message", change.name)))
		}
	}
	b.must(b.git(dir, "checkout", "--quiet", "ours"))
	return b, dir
}

func (b *branchRun) update(dir string) *engine.Updated {
	b.t.Helper()
	result, err := b.engine.Update(b.t.Context(), engine.UpdateRequest{Dir: dir, Resolution: project.Markers})
	b.must(err)
	return result
}

// A conflict that git has left in a file alone, with the records merged, is said too.
func TestAConflictInAFileAlone(t *testing.T) {
	line := "# orders\n"
	b, dir := parted(t, []branchChange{edits("README.md", line, "# ours\n")}, []branchChange{edits("README.md", line, "# theirs\n")})
	if b.git(dir, "merge", "--quiet", "--no-edit", "theirs") == nil {
		t.Fatal("git has found no conflict")
	}
	if conflicts := b.update(dir).Conflicts(); len(conflicts) != 1 || conflicts[0].Path != "README.md" {
		t.Errorf("the conflicts are %v", conflicts)
	}
	if text, _ := os.ReadFile(filepath.Join(dir, "README.md")); !bytes.Contains(text, []byte("# ours\n")) || !bytes.Contains(text, []byte("# theirs\n")) {
		t.Errorf("a side is lost:\n%s", text)
	}
}

// Lists that the branches have begun in another order, changes that git merges into a key that is there twice, changes that were
// squashed, and changes that were stashed: the blueprint and the project are merged all the same.
func TestOtherWaysToMerge(t *testing.T) {
	function := func(name string) branchChange { return addsFunction(name, blueprint.Trigger{Type: "sqs"}) }
	for name, test := range map[string]struct {
		ours, theirs []branchChange
		merge        []string
		want         []string
	}{
		"lists in another order": {
			[]branchChange{addsResource("queue", "q"), addsResource("bus", "b"), function("f1")},
			[]branchChange{function("f2"), addsResource("secret", "s"), addsResource("queue", "r")},
			[]string{"merge", "--quiet", "--no-edit", "theirs"},
			[]string{"f1", "f2", "name: q\n", "name: r\n", "name: s\n", "name: b\n"},
		},
		"squashed": {
			[]branchChange{addsResource("queue", "q")},
			[]branchChange{function("f2"), addsResource("bus", "b")},
			[]string{"merge", "--quiet", "--squash", "theirs"},
			[]string{"name: q\n", "f2", "name: b\n"},
		},
		"cherry-picked": {
			[]branchChange{function("f1")}, []branchChange{function("f2")}, []string{"cherry-pick", "theirs"}, []string{"f1", "f2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			b, dir := parted(t, test.ours, test.theirs)
			_ = b.git(dir, test.merge...)
			if conflicts := b.update(dir).Conflicts(); len(conflicts) > 0 {
				t.Errorf("conflicts are left in %s", conflicts[0].Path)
			}
			text, err := os.ReadFile(filepath.Join(dir, blueprint.FileName))
			b.must(err)
			for _, want := range test.want {
				if !bytes.Contains(text, []byte(want)) {
					t.Errorf("%q is not in the blueprint:\n%s", want, text)
				}
			}
			if unmerged, err := exec.Command("git", "-C", dir, "ls-files", "--unmerged").Output(); err != nil || len(unmerged) > 0 {
				t.Errorf("git says %s, %v", unmerged, err)
			}
		})
	}
}

func TestAStashThatIsPopped(t *testing.T) {
	b, dir := parted(t, nil, nil)
	b.must(addsFunction("stashed", blueprint.Trigger{Type: "sqs"}).do(b, dir))
	b.must(b.git(dir, "stash", "--include-untracked", "--quiet"))
	b.must(addsFunction("added", blueprint.Trigger{Type: "sqs"}).do(b, dir))
	b.must(errors.Join(b.git(dir, "add", "--all"), b.git(dir, "commit", "--quiet", "--message", "two")))
	_ = b.git(dir, "stash", "pop")
	result := b.update(dir)
	if len(result.Conflicts()) > 0 {
		t.Errorf("conflicts are left in %s", result.Conflicts()[0].Path)
	}
	for _, name := range []string{"stashed", "added"} {
		if _, err := os.Stat(filepath.Join(dir, "src", "functions", name+".ts")); err != nil {
			t.Error(err)
		}
	}
}
