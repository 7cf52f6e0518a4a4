package source_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/source"
)

func TestNewer(t *testing.T) {
	for name, c := range map[string]struct {
		ref, want string
		tags      []string
		// same is tags at the commit of the ref.
		same []string
	}{
		"a patch":                        {"v1.2.3", "v1.2.4", []string{"v1.2.4", "v1.0.0"}, nil},
		"by number and not by letter":    {"v1.9.0", "v1.10.0", []string{"v1.10.0", "v1.9.9"}, nil},
		"the newest of several":          {"v1.0.0", "v3.0.0", []string{"v2.0.0", "v3.0.0"}, nil},
		"without a v":                    {"1.2", "1.3", []string{"1.3", "1.1"}, nil},
		"no newer one":                   {"v2.0.0", "", []string{"v1.0.0", "x", "release"}, nil},
		"prereleases are left out":       {"v1.0.0", "", []string{"v2.0.0-rc.1"}, nil},
		"prereleases after one":          {"v2.0.0-rc.1", "v2.0.0-rc.2", []string{"v2.0.0-rc.2", "v1.9.0"}, nil},
		"the release after one":          {"v2.0.0-rc.1", "v2.0.0", []string{"v2.0.0-rc.2", "v2.0.0"}, nil},
		"a moving tag at the same place": {"v1", "", nil, []string{"v1.2.3"}},
		"a moving tag and a newer one":   {"v1", "v2.0.0", []string{"v2", "v2.0.0"}, []string{"v1.2.3"}},
		"of the pack's own folder": {"lambda/v1.0.0", "lambda/v1.1.0", []string{
			"lambda/v1.1.0", "workers/v9.0.0",
			"v8.0.0",
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			parent, _ := newRepository(t)
			dir := filepath.Join(parent, "acme", "packs")
			git(t, dir, "tag", "--delete", "v1")
			for _, tag := range append(c.same, c.ref) {
				git(t, dir, "-c", "user.name=a", "-c", "user.email=a@b.c", "tag", "--annotate", "--message", "m", tag)
			}
			git(t, dir, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "--quiet", "--allow-empty", "--message", "two")
			for _, tag := range c.tags {
				git(t, dir, "tag", tag)
			}
			store := &source.Store{Cache: t.TempDir(), Env: os.Environ()}
			got, err := store.Newer(t.Context(), parse(t, "file://"+dir+"//lambda@"+c.ref))
			if err != nil || got != c.want {
				t.Errorf("%q, %v; want %q", got, err, c.want)
			}
		})
	}
}

// What is no version is asked about nowhere: these addresses answer nobody.
func TestNewerAsksOnlyForVersions(t *testing.T) {
	store := &source.Store{Cache: t.TempDir(), Env: os.Environ()}
	for _, address := range []string{
		"./pack", "file:///nowhere/packs@main", "file:///nowhere/packs", "file:///nowhere/packs@0123456789012345678901234567890123456789",
	} {
		if got, err := store.Newer(t.Context(), parse(t, address)); got != "" || err != nil {
			t.Errorf("%s: %q, %v", address, got, err)
		}
	}
	if _, err := store.Newer(t.Context(), parse(t, "file:///nowhere/packs@v1")); err == nil ||
		fault.CodeOf(err) != fault.Network {
		t.Errorf("a repository that is not there: %v", err)
	}
	parent, _ := newRepository(t)
	dir := filepath.Join(parent, "acme", "packs")
	git(t, dir, "branch", "1.0")
	git(t, dir, "tag", "2.0")
	if got, err := store.Newer(t.Context(), parse(t, "file://"+dir+"@1.0")); got != "" || err != nil {
		t.Errorf("a branch that is called like a version: %q, %v", got, err)
	}
}

func TestKnows(t *testing.T) {
	parent, _ := newRepository(t)
	store := &source.Store{Cache: t.TempDir(), Env: os.Environ()}
	s := parse(t, "file://"+parent+"/acme/packs//lambda@v1")
	other := parse(t, "file://"+parent+"/acme/packs//workers@main")
	missing := parse(t, "file://"+parent+"/acme/none//lambda@v1")
	if store.Knows(s) || !store.Knows(source.Source{Dir: "./pack"}) {
		t.Error("it knows what it has never seen, or not a folder")
	}
	if _, err := store.Open(t.Context(), s, source.Options{}); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(t.Context(), missing, source.Options{})
	if err == nil || store.Knows(missing) {
		t.Errorf("it knows a repository that could not be fetched: %v", err)
	}
	if !store.Knows(s) || !store.Knows(other) {
		t.Error("it does not know a repository that it has fetched, with another folder or ref")
	}
}

func parse(t *testing.T, address string) source.Source {
	t.Helper()
	s, err := source.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// contents is the text of each file, with its mode.
func contents(t *testing.T, files fs.FS) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := fs.Stat(files, name)
		if err != nil {
			return err
		}
		data, err := fs.ReadFile(files, name)
		found[name] = info.Mode().String() + " " + string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
