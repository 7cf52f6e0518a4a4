package cli_test

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"unicode"

	"github.com/serverless-scaffold/scaffold/internal/cli"
	"github.com/serverless-scaffold/scaffold/templates"
)

// readingCommands and writingCommands are what a user types in a project that he has cloned.
var (
	readingCommands = []string{
		"plan", "plan --level production --diff", "update --check", "update --check --template ./.blueprint/pack",
		"update --dry-run --diff", "explain README.md", "explain README.md:1 --json", "check", "check --format sarif", "list",
		"add table reports --dry-run --diff", "template show ./.blueprint/pack", "template lint ./.blueprint/pack",
	}
	writingCommands = []string{
		"update", "update --on-conflict theirs", "update --level production --on-conflict theirs --json",
		"add function pay --trigger http --path /pay --on-conflict theirs", "add table reports", "template vendor",
	}
)

// TestHostileBranches clones projects whose authors want more than to be merged, and runs every command in them. None
// writes outside of the project, or to a file of it that it does not name; none starts a program but git, or a git
// that contacts anybody; and those that only read change nothing at all.
func TestHostileBranches(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs every command in every hostile project")
	}
	newRange(t).carryOut(t, attacks)
}

// TestHostileBranchesWhereCaseIsFolded carries out what has to do with names and links in a folder in which names that
// differ in case are one.
func TestHostileBranchesWhereCaseIsFolded(t *testing.T) {
	if os.Getenv("FOLDED") == "" {
		t.Skip("it mounts a file system that ignores case, which not every machine can: `make folded`")
	}
	folder := foldingFolder(t)
	r := newRange(t)
	r.victims = folder
	r.carryOut(t, slices.DeleteFunc(slices.Concat(foldedNames, links, forgedLocks), func(a attack) bool {
		return !strings.Contains(a.name, "case") && !strings.Contains(a.name, "hooks")
	}))
}

// foldingFolder returns a folder of a file system that ignores case. It needs no disk and no device, but FUSE.
func foldingFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	image, folder := filepath.Join(dir, "image"), filepath.Join(dir, "folder")
	put(t, folder, "x", "")
	put(t, dir, "image", "")
	if err := os.Truncate(image, 256<<20); err != nil {
		t.Fatal(err)
	}
	for _, argv := range [][]string{{"mkntfs", "-F", "-Q", image}, {"lowntfs-3g", "-o", "ignore_case", image, folder}} {
		if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
			t.Skipf("there is no file system here that ignores case: %s: %v: %s", argv[0], err, out)
		}
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", folder).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	put(t, folder, "Name", "")
	if _, err := os.Stat(filepath.Join(folder, "nAME")); err != nil {
		t.Fatal("the file system does not ignore case")
	}
	return folder
}

func (r *firingRange) carryOut(t *testing.T, attacks []attack) {
	t.Helper()
	for _, attack := range attacks {
		t.Run(strings.ReplaceAll(attack.name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			victim := &victim{firingRange: r, t: t, attack: attack, clone: r.clone(t, attack)}
			for _, command := range readingCommands {
				victim.run(command, false)
			}
			for _, command := range writingCommands {
				victim.run(command, true)
			}
		})
	}
	t.Cleanup(func() {
		if count := r.visits.Load(); count != 0 {
			t.Errorf("%d connections were made", count)
		}
		for _, argv := range r.logged(t, r.log) {
			if !strings.HasPrefix(argv, "git merge-file ") {
				t.Errorf("%q was started", argv)
			}
		}
	})
}

// firingRange is where the attacks are carried out.
type firingRange struct {
	dir string
	// git is the real one, log what is started without an environment, and host an address that listens.
	git, log, host string
	// honest is a project without malice.
	honest string
	// victims is where the users' files are; empty for any folder.
	victims string
	visits  atomic.Int32
}

// canary is a text in files of the user's that no command prints or copies.
const canary = "c4n4ry-in-a-private-file"

func newRange(t *testing.T) *firingRange {
	t.Helper()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("there is no git")
	}
	r := &firingRange{dir: t.TempDir(), git: git}
	r.log = filepath.Join(r.dir, "log")
	r.listen(t)
	r.watchPrograms(t)
	world := filepath.Join(r.dir, "honest")
	put(t, world, "pack/pack.yaml", "apiVersion: scaffold/v1\nkind: Pack\nname: tiny\nlayers:\n  - {from: files}\n")
	put(t, world, "pack/files/README.md", "# Demo\n\none\ntwo\nthree\n")
	put(t, world, "pack/files/docs/guide.md", "one\ntwo\nthree\n")
	put(t, world, "pack/files/src/main.txt", "main\n")
	for _, command := range []string{"-C " + world + " new demo --platform lambda --template ./pack", "-C " + world + "/demo template vendor"} {
		if status, output := r.scaffold(t, world, strings.Fields(command)); status != 0 {
			t.Fatal(output)
		}
	}
	r.honest = filepath.Join(world, "demo")
	put(t, r.honest, "cdk.out/App.template.json", `{"Resources": {"T": {"Type": "AWS::SNS::Topic", "Properties": {}}}}`)
	put(t, r.honest, "package.json", `{"scripts": {"lint": "touch ../ran", "test": "touch ../ran", "preinstall": "touch ../ran"}}`)
	return r
}

// listen counts who connects.
func (r *firingRange) listen(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	r.host = listener.Addr().String()
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			r.visits.Add(1)
			_ = connection.Close()
		}
	}()
}

// watchPrograms puts programs into the path that tell of it when they are started.
func (r *firingRange) watchPrograms(t *testing.T) {
	t.Helper()
	bin := filepath.Join(r.dir, "bin")
	for _, name := range []string{"git", "ssh", "curl", "npm", "npx", "node", "sh", "bash", "python3", "evil", "less", "vi", "gpg"} {
		script := "#!/bin/sh\necho " + name + ` "$@" >> "${HOSTILE_LOG:-` + r.log + "}\"\n"
		if name == "git" {
			script += "exec " + r.git + ` "$@"` + "\n"
		}
		put(t, bin, name, script)
		if err := os.Chmod(filepath.Join(bin, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
}

// scaffold runs a command for the user whose home is in the world.
func (r *firingRange) scaffold(t *testing.T, world string, args []string) (status int, output string) {
	t.Helper()
	var out bytes.Buffer
	status = cli.Run(t.Context(), cli.Process{
		Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Packs: templates.FS, Version: "v0.0.0-test",
		Env: []string{
			"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(world, "home"), "HOSTILE_LOG=" + filepath.Join(world, "log"),
			"GIT_SSH_COMMAND=ssh", "GIT_ASKPASS=evil", "SECRET=" + secret,
		},
	})
	return status, out.String()
}

// clone returns a folder with the clone of what the attack makes of the honest project, and with a user's home around.
func (r *firingRange) clone(t *testing.T, a attack) string {
	t.Helper()
	upstream, world := filepath.Join(t.TempDir(), "up"), r.tempDir(t)
	copyTree(t, r.honest, upstream)
	a.prepare(&branch{t: t, dir: upstream, host: r.host})
	if a.isArchive {
		copyTree(t, upstream, filepath.Join(world, "demo"))
	} else {
		r.mustGit(t, upstream, "init", "-q", "--template=", "-b", "main")
		r.mustGit(t, upstream, "add", "-A", "-f")
		r.mustGit(t, upstream, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x")
		r.mustGit(t, world, "-c", "protocol.file.allow=always", "clone", "-q", "--template=", upstream, "demo")
		if differ := differences(filesOf(t, upstream), filesOf(t, filepath.Join(world, "demo"))); slices.ContainsFunc(differ, func(name string) bool {
			return r.victims == "" && !strings.HasPrefix(name, ".git/")
		}) {
			t.Fatalf("a clone does not carry %q", differ)
		}
		put(t, world, "demo/.git/hooks/readme", "hooks\n")
	}
	for _, name := range []string{"home/.ssh/id_ed25519", "home/.bashrc", "home/.gitconfig.d/x", "home/.config/git/x", "sibling/src/main.txt", "sibling/guide.md"} {
		put(t, world, name, canary+"\n")
	}
	return world
}

func (r *firingRange) tempDir(t *testing.T) string {
	t.Helper()
	if r.victims == "" {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp(r.victims, "") //nolint:usetesting // It has to be in that file system.
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func (r *firingRange) mustGit(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command(r.git, args...)
	cmd.Dir, cmd.Env = dir, []string{"PATH=/usr/bin:/bin", "HOME=" + dir, "GIT_CONFIG_NOSYSTEM=1"}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %q: %v: %s", args, err, out)
	}
}

// victim is a user who has cloned a hostile project.
type victim struct {
	*firingRange
	t      *testing.T
	attack attack
	// clone is the user's files, and world a copy of them in which nothing has changed yet; empty for none.
	clone, world string
	before       map[string]string
}

// run runs a command in a copy of the user's files, and judges what has come of it.
func (v *victim) run(command string, mayWrite bool) {
	v.t.Helper()
	t := v.t
	if v.world == "" {
		v.world = filepath.Join(v.tempDir(t), "w")
		copyTree(t, v.clone, v.world)
		v.before = filesOf(t, v.world)
	}
	world, before := v.world, v.before
	status, output := v.scaffold(t, world, append([]string{"-C", filepath.Join(world, "demo")}, strings.Fields(command)...))
	for _, argv := range v.logged(t, filepath.Join(world, "log")) {
		if !isLocalGit(argv) {
			t.Errorf("%s: %q was started", command, argv)
		}
	}
	_ = os.Remove(filepath.Join(world, "log"))
	after := filesOf(t, world)
	for _, name := range differences(before, after) {
		v.world = ""
		inside, isInside := strings.CutPrefix(name, "demo/")
		switch {
		case isInside && mayWrite && v.attack.isAnnounced(inside, command, output, status):
		case mayWrite && strings.HasPrefix(name, "home/.local/state/scaffold/"):
		default:
			t.Errorf("%s: %s has changed; status %d\n%s", command, name, status, output)
		}
		if strings.Contains(after[name], canary) && !strings.Contains(before[name], canary) {
			t.Errorf("%s: %s has what is in a private file", command, name)
		}
	}
	if strings.Contains(output, canary) || strings.Contains(output, secret) {
		t.Errorf("%s: it has printed a secret", command)
	}
	if strings.ContainsFunc(output, isHarmful) {
		t.Errorf("%s: it has printed control characters: %q", command, output)
	}
	if status == 1 || strings.Contains(output, "goroutine ") {
		t.Errorf("%s: it was not refused in words: status %d\n%s", command, status, output)
	}
}

// isHarmful reports whether a terminal does more with a character than to show it.
func isHarmful(r rune) bool {
	return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
}

// isAnnounced reports whether a writing command may have changed a file of the project: one that it names, or one of
// scaffold's own records. In git's folder that is scaffold's own folder, the index, and objects.
func (a *attack) isAnnounced(name, command, output string, status int) bool {
	if rest, isGit := strings.CutPrefix(name, cmp.Or(a.git, ".git")+"/"); isGit {
		return rest == "scaffold" || strings.HasPrefix(rest, "scaffold/") || rest == "index" || strings.HasPrefix(rest, "objects")
	}
	if status != 0 && status != 5 {
		return false
	}
	if strings.HasPrefix(name, ".blueprint/pack/") {
		return command == "template vendor"
	}
	isRecord := name == "blueprint.lock" || name == "blueprint.yaml" && !strings.HasPrefix(command, "template") ||
		strings.HasPrefix(name, ".blueprint/base") || name == ".blueprint/.gitattributes"
	return isRecord || strings.Contains(output, name)
}

// isLocalGit reports whether a program is a git that works on files alone.
func isLocalGit(argv string) bool {
	fields := strings.Fields(argv)
	if fields[0] != "git" {
		return false
	}
	for n := 1; n < len(fields); n++ {
		switch {
		case fields[n] == "-c":
			n++
		case strings.HasPrefix(fields[n], "-"):
		default:
			return slices.Contains([]string{"rev-parse", "ls-files", "hash-object", "update-index", "cat-file", "merge-file"}, fields[n])
		}
	}
	return false
}

func (r *firingRange) logged(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// filesOf returns every file and link below a folder, with its permissions and its content.
func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		var content []byte
		switch {
		case entry.Type()&fs.ModeSymlink != 0:
			var target string
			target, err = os.Readlink(name)
			content = []byte(target)
		case entry.Type().IsRegular():
			content, err = os.ReadFile(name)
		case entry.IsDir():
			return nil
		}
		found[filepath.ToSlash(relative)] = info.Mode().String() + " " + string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// differences returns the names that are not the same in both snapshots, sorted.
func differences(a, b map[string]string) []string {
	var names []string
	for name := range a {
		if other, ok := b[name]; !ok || other != a[name] {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func copyTree(t *testing.T, from, to string) {
	t.Helper()
	for name, file := range filesOf(t, from) {
		mode, content, _ := strings.Cut(file, " ")
		target := filepath.Join(to, filepath.FromSlash(name))
		err := os.MkdirAll(filepath.Dir(target), 0o755)
		if err == nil && mode[0] == 'L' {
			err = os.Symlink(content, target)
		} else if err == nil {
			permissions := fs.FileMode(0o644)
			if strings.Contains(mode, "x") {
				permissions = 0o755
			}
			err = os.WriteFile(target, []byte(content), permissions)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, empty := range []string{".git/refs", "demo/.git/refs"} {
		if _, err := os.Stat(filepath.Join(from, empty)); err == nil {
			_ = os.MkdirAll(filepath.Join(to, empty), 0o755)
		}
	}
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	target := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(target, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// branch is a project that its author changes as he likes.
type branch struct {
	t         *testing.T
	dir, host string
}

func (b *branch) put(name, text string) { b.t.Helper(); put(b.t, b.dir, name, text) }

func (b *branch) read(name string) string {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join(b.dir, name))
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}

// link makes a link, in the place of what is there.
func (b *branch) link(name, target string) {
	b.t.Helper()
	file := filepath.Join(b.dir, filepath.FromSlash(name))
	if err := os.RemoveAll(file); err != nil {
		b.t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.Symlink(target, file); err != nil {
		b.t.Fatal(err)
	}
}

func (b *branch) replace(name, old, now string) {
	b.t.Helper()
	text := b.read(name)
	if !strings.Contains(text, old) {
		b.t.Fatalf("%s has no %q:\n%s", name, old, text)
	}
	b.put(name, strings.Replace(text, old, now, 1))
}

// renders makes the project's own pack render a file.
func (b *branch) renders(name, text string, mode fs.FileMode) {
	b.t.Helper()
	b.put(".blueprint/pack/files/"+name, text)
	if err := os.Chmod(filepath.Join(b.dir, ".blueprint/pack/files", filepath.FromSlash(name)), mode); err != nil {
		b.t.Fatal(err)
	}
}

// remembers makes the lock say that the file was rendered with the content.
func (b *branch) remembers(name, text, owner string) {
	b.t.Helper()
	sum := sha256.Sum256([]byte(text))
	b.put("blueprint.lock", b.read("blueprint.lock")+fmt.Sprintf(`  %q: {"sha256": %q, "owner": %q, "layer": "files"}`+"\n", name, hex.EncodeToString(sum[:]), owner))
}

// base is what was rendered for a file.
func (b *branch) base(name, text string) { b.t.Helper(); b.put(".blueprint/base/"+name+".base", text) }

// source makes the lock name another pack.
func (b *branch) source(text string) {
	b.t.Helper()
	b.replace("blueprint.lock", "source: ./.blueprint/pack", "source: "+text)
}

// bare makes a folder look like a bare repository whose configuration runs programs.
func (b *branch) bare(folder string) {
	b.t.Helper()
	b.put(folder+"HEAD", "ref: refs/heads/main\n")
	b.put(folder+"objects/x", "")
	b.put(folder+"refs/x", "")
	b.put(folder+"config", `[core]
	bare = false
	worktree = .
	fsmonitor = evil
	sshCommand = evil
	hooksPath = .
	pager = evil
[filter "evil"]
	clean = evil
	smudge = evil
	required = true
[diff]
	external = evil
[merge "evil"]
	driver = evil
[alias]
	rev-parse = !evil
`)
}

// attack is what the author of a branch does to a project.
type attack struct {
	name    string
	prepare func(b *branch)
	// isArchive says that it comes as an archive: no clone carries it.
	isArchive bool
	// git is the git directory that an archive brings along; empty for none.
	git string
}

const evilHook = "#!/bin/sh\nevil\n"

// journalOfHook is what an older version took for an update to finish.
const journalOfHook = `{"id":"aa","steps":[{"path":".git/hooks/pre-commit","before":null,"after":"IyEvYmluL3NoCmV2aWwK","mode":493}]}`

var attacks = slices.Concat(innocence, forgedLocks, badSources, links, repositories, hostilePacks, hostileTexts)

var innocence = []attack{
	{name: "nothing", prepare: func(*branch) {}},
	{name: "a new version", prepare: func(b *branch) { b.renders("README.md", "# Demo\n\none\nTWO\nthree\n", 0o644) }},
}

// lockOf makes the lock remember a file, with its base where git carries one.
func lockOf(name, text, owner string) func(*branch) {
	return func(b *branch) {
		b.remembers(name, text, owner)
		if owner != "seed" {
			b.base(name, text)
		}
	}
}

var forgedLocks = []attack{
	{name: "journal in the tree", prepare: func(b *branch) {
		b.put(".blueprint/update-1/journal.json", journalOfHook)
		b.put(".blueprint/journal.json", journalOfHook)
		b.put("scaffold/journal.json", journalOfHook)
		b.put("journal.json", journalOfHook)
	}},
	{name: "journal in a folder like git's", prepare: func(b *branch) {
		b.bare("git/")
		b.put("git/scaffold/journal.json", journalOfHook)
		b.put("git/scaffold/e3b0c44298fc1c14/journal.json", journalOfHook)
	}},
	{name: "journal by a link", prepare: func(b *branch) {
		b.put("x/journal.json", journalOfHook)
		b.link(".blueprint/update-1", "../x")
	}},
	{name: "lock names git's head", prepare: func(b *branch) { b.remembers(".git/HEAD", "ref: refs/heads/main\n", "managed") }},
	{name: "lock names git's head as a seed", prepare: lockOf(".git/HEAD", "ref: refs/heads/main\n", "seed")},
	{name: "lock names git's folder by case", prepare: lockOf(".GIT/config", "x", "seed")},
	{name: "lock names git's folder by a blank", prepare: lockOf(".git /config", "x", "seed")},
	{name: "lock names git's folder by its short name", prepare: lockOf("git~1/config", "x", "seed")},
	{name: "lock names git's folder by what HFS ignores", prepare: lockOf(".g\u200cit/config", "x", "seed")},
	{name: "lock leaves the project", prepare: lockOf("../sibling/guide.md", canary+"\n", "seed")},
	{name: "lock leaves the project with a base", prepare: func(b *branch) {
		b.remembers("../sibling/guide.md", canary+"\n", "merge")
		b.put(".blueprint/sibling/guide.md.base", canary+"\n")
	}},
	{name: "lock names an absolute path", prepare: lockOf("/etc/passwd", "x", "seed")},
	{name: "lock names a drive", prepare: lockOf(`C:\x`, "x", "merge")},
	{name: "lock names a stream", prepare: lockOf("README.md:x:$DATA", "x", "merge")},
	{name: "lock names the blueprint", prepare: func(b *branch) { lockOf("blueprint.yaml", b.read("blueprint.yaml"), "merge")(b) }},
	{name: "lock names the blueprint by case", prepare: lockOf("Blueprint.yaml", "x", "merge")},
	{name: "lock names the lock by case", prepare: lockOf("BLUEPRINT.LOCK", "x", "merge")},
	{name: "lock names the base by case", prepare: lockOf(".BLUEPRINT/base/README.md.base", "x", "merge")},
	{name: "lock names the pack", prepare: func(b *branch) {
		lockOf(".blueprint/pack/pack.yaml", b.read(".blueprint/pack/pack.yaml"), "merge")(b)
	}},
	{name: "lock names a long part", prepare: lockOf(strings.Repeat("a", 245), "x", "merge")},
	{name: "lock names a line break", prepare: lockOf("a\nb", "x", "merge")},
	{name: "lock names an escape", prepare: lockOf("a\x1b[2Jb", "x", "merge")},
	{name: "lock with a key twice", prepare: func(b *branch) {
		b.replace("blueprint.lock", "files:\n", "files:\n  \"README.md\": {\"sha256\": \"00\", \"owner\": \"seed\", \"layer\": \"x\"}\n")
	}},
	{name: "lock with anchors", prepare: func(b *branch) {
		text := "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
		for n := range 12 {
			text += fmt.Sprintf("a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", n+1, n+1, n, n, n, n, n, n, n, n)
		}
		b.put("blueprint.lock", b.read("blueprint.lock")+text)
	}},
	{name: "lock with deep nesting", prepare: func(b *branch) {
		b.put("blueprint.lock", b.read("blueprint.lock")+"x: "+strings.Repeat("[", 100_000)+"\n")
	}},
	{name: "lock without an end", prepare: func(b *branch) {
		b.put("blueprint.lock", b.read("blueprint.lock")+strings.Repeat("# more\n", 1_300_000))
	}},
	{name: "lock with an unknown owner", prepare: lockOf("src/main.txt2", "x", "root")},
	{name: "lock of a newer tool with an escape", prepare: func(b *branch) {
		b.replace("blueprint.lock", "tool: v0.0.0-test", `tool: "v99.0.0\e[2J\u202e"`)
	}},
	{name: "organisation with an escape", prepare: func(b *branch) {
		text := "pack: \"x\\e[2J\"\nrules:\n  - {id: XX-1, title: \"t\\e[2J\", resource: \"AWS::SNS::Topic\", holds: \"false\", message: \"m\\u202e\", fix: \"f\\a\"}\n"
		lockOf(".blueprint/organisation.yaml", text, "managed")(b)
		b.put(".blueprint/organisation.yaml", text)
	}},
	{name: "organisation that is nested deeply", prepare: func(b *branch) {
		text := "pack: " + strings.Repeat("[", 100_000)
		lockOf(".blueprint/organisation.yaml", text, "managed")(b)
		b.put(".blueprint/organisation.yaml", text)
	}},
}

// sourceOf makes the lock name a pack.
func sourceOf(text string) func(*branch) {
	return func(b *branch) { b.source(strings.ReplaceAll(text, "HOST", b.host)) }
}

var badSources = []attack{
	{name: "source by ssh", prepare: sourceOf("ssh://git@HOST/owner/repo")},
	{name: "source by the short form of ssh", prepare: sourceOf(`"git@127.0.0.1:owner/repo"`)},
	{name: "source by https", prepare: sourceOf("https://HOST/owner/repo")},
	{name: "source by https on a tag", prepare: sourceOf("https://HOST/owner/repo@v1.0.0")},
	{name: "source by a host's name", prepare: sourceOf("localhost.localdomain/owner/repo@v1.0.0")},
	{name: "source by http", prepare: sourceOf("http://HOST/owner/repo")},
	{name: "source by file", prepare: func(b *branch) { b.source("file://" + filepath.Dir(b.dir) + "/up") }},
	{name: "source by a helper", prepare: sourceOf(`"ext::sh -c evil"`)},
	{name: "source is an option", prepare: sourceOf(`"--upload-pack=evil"`)},
	{name: "source is an option of ssh", prepare: sourceOf(`"ssh://-oProxyCommand=evil/x/y"`)},
	{name: "source's ref is an option", prepare: sourceOf(`"https://HOST/owner/repo@--upload-pack=evil"`)},
	{name: "source on a share", prepare: sourceOf(`"\\\\\\\\127.0.0.1\\\\share"`)},
	{name: "source on a share with slashes", prepare: sourceOf(`"//127.0.0.1/share"`)},
	{name: "source is the folder beside", prepare: sourceOf("../sibling")},
	{name: "source is the user's home", prepare: sourceOf("../home")},
	{name: "source is the project", prepare: sourceOf("./.")},
	{name: "source with an escape", prepare: sourceOf(`"./a\e[2J"`)},
	{name: "source's commit is an option", prepare: func(b *branch) {
		b.source("https://" + b.host + "/owner/repo\n  commit: --upload-pack=evil")
	}},
}

var links = []attack{
	{name: "own folder is a link to the home", prepare: func(b *branch) { b.link(".blueprint", "../home") }},
	{name: "own folder is a link to git's", prepare: func(b *branch) {
		b.put("blueprint.lock", b.read("blueprint.lock")[:strings.Index(b.read("blueprint.lock"), "files:\n")]+"files:\n")
		b.remembers("README.md", b.read("README.md"), "seed")
		b.put("pack/pack.yaml", b.read(".blueprint/pack/pack.yaml"))
		b.put("pack/files/README.md", "x\n")
		b.source("./pack")
		b.link(".blueprint", ".git")
	}},
	{name: "base is a link to git's folder", prepare: func(b *branch) {
		b.put("blueprint.lock", b.read("blueprint.lock")[:strings.Index(b.read("blueprint.lock"), "files:\n")]+"files:\n")
		b.remembers("README.md", b.read("README.md"), "seed")
		b.link(".blueprint/base", "../.git")
	}},
	{name: "base is a link to the project", prepare: func(b *branch) {
		b.put("blueprint.lock", b.read("blueprint.lock")[:strings.Index(b.read("blueprint.lock"), "files:\n")]+"files:\n")
		b.remembers("README.md", b.read("README.md"), "seed")
		b.link(".blueprint/base", "..")
	}},
	{name: "base is a link to the home", prepare: func(b *branch) { b.link(".blueprint/base", "../../home") }},
	{name: "a base is a link to a private file", prepare: func(b *branch) {
		b.link(".blueprint/base/README.md.base", "../../../home/.ssh/id_ed25519")
	}},
	{name: "pack is a link to the home", prepare: func(b *branch) { b.link(".blueprint/pack", "../../home") }},
	{name: "pack is vendored through a link to git's folder", prepare: func(b *branch) {
		b.put("pack/pack.yaml", b.read(".blueprint/pack/pack.yaml"))
		b.put("pack/hooks/pre-commit", evilHook)
		b.source("./pack")
		b.link(".blueprint/pack", "../.git")
	}},
	{name: "pack is vendored through a link to the project", prepare: func(b *branch) {
		b.put("pack/pack.yaml", b.read(".blueprint/pack/pack.yaml"))
		b.source("./pack")
		b.link(".blueprint/pack", "..")
	}},
	{name: "a file of the pack is a link", prepare: func(b *branch) {
		b.link(".blueprint/pack/files/README.md", "../../../../home/.ssh/id_ed25519")
	}},
	{name: "blueprint is a link out", prepare: func(b *branch) { b.link("blueprint.yaml", "../home/.ssh/id_ed25519") }},
	{name: "lock is a link out", prepare: func(b *branch) { b.link("blueprint.lock", "../home/.ssh/id_ed25519") }},
	{name: "lock is a link inside", prepare: func(b *branch) {
		b.put("x.lock", b.read("blueprint.lock"))
		b.link("blueprint.lock", "x.lock")
	}},
	{name: "organisation is a link out", prepare: func(b *branch) {
		b.remembers(".blueprint/organisation.yaml", canary+"\n", "managed")
		b.base(".blueprint/organisation.yaml", canary+"\n")
		b.link(".blueprint/organisation.yaml", "../../home/.ssh/id_ed25519")
	}},
	{name: "template for check is a link out", prepare: func(b *branch) {
		b.link("cdk.out/App.template.json", "../../home/.ssh/id_ed25519")
	}},
	{name: "readme is a link out", prepare: func(b *branch) {
		b.renders("README.md", "new\n", 0o644)
		b.link("README.md", "../home/.ssh/id_ed25519")
	}},
	{name: "folder is a link to ssh's", prepare: func(b *branch) {
		b.renders("docs/authorized_keys", "key\n", 0o644)
		b.link("docs", "../home/.ssh")
	}},
	{name: "folder is an absolute link", prepare: func(b *branch) {
		b.renders("docs/x.md", "x\n", 0o644)
		b.link("docs", "/tmp")
	}},
	{name: "folder is a link to git's hooks", prepare: func(b *branch) {
		b.renders("tools/pre-commit", evilHook, 0o755)
		b.link("tools", ".git/hooks")
	}},
	{name: "folder is a link to git's hooks by a chain", prepare: func(b *branch) {
		b.renders("tools/pre-commit", evilHook, 0o755)
		b.link("a/b", "../.git")
		b.link("tools", "a/b/hooks")
	}},
	{name: "folder is a link to git's", prepare: func(b *branch) {
		b.renders("tools/config", "[core]\n\tfsmonitor = evil\n", 0o644)
		b.link("tools", ".git")
	}},
	{name: "remembered file in a link to git's", prepare: func(b *branch) {
		lockOf("tools/HEAD", "ref: refs/heads/main\n", "merge")(b)
		b.link("tools", ".git")
	}},
	{name: "folder is a link to the project", prepare: func(b *branch) {
		b.renders("tools/blueprint.yaml", "x\n", 0o644)
		b.renders("tools/Makefile", "all:\n\tevil\n", 0o644)
		b.link("tools", ".")
	}},
	{name: "folder is a link to the own one", prepare: func(b *branch) {
		b.renders("tools/organisation.yaml", "pack: x\n", 0o644)
		b.renders("tools/pack/pack.yaml", "x\n", 0o644)
		b.link("tools", ".blueprint")
	}},
	{name: "folder is a link to that of workflows", prepare: func(b *branch) {
		b.put(".github/workflows/ci.yml", "on: push\n")
		b.renders("docs/evil.md", "on: push\n", 0o644)
		b.put(".blueprint/pack/pack.yaml", b.read(".blueprint/pack/pack.yaml")+"owners:\n  - {glob: 'docs/**', owner: merge, kind: document}\n")
		b.link("docs", ".github/workflows")
	}},
}

// foldedNames is attacks where names that differ in case are one.
var foldedNames = []attack{
	{name: "folder by case is a link to git's by case", prepare: func(b *branch) {
		b.renders("tools/pre-commit", evilHook, 0o755)
		b.link("TOOLS", ".GIT/Hooks")
	}},
	{name: "link by case to the own folder", prepare: func(b *branch) {
		b.renders("tools/Pack/pack.yaml", "x\n", 0o644)
		b.link("tools", ".BluePrint")
	}},
	{name: "own folder by case", prepare: func(b *branch) { b.put(".BLUEPRINT/base/README.md.base", "x\n") }},
	{name: "lock by case", prepare: func(b *branch) { b.put("BLUEPRINT.lock", "x\n") }},
	{name: "pack renders the lock by case", prepare: func(b *branch) { b.renders("Blueprint.LOCK", "x\n", 0o644) }},
	{name: "pack renders hooks by case", prepare: func(b *branch) {
		b.put(".blueprint/pack/files2/x", evilHook)
		b.replace(".blueprint/pack/pack.yaml", "{from: files}", "{from: files}\n  - {from: files2, to: .Git/hooks}")
	}},
	{name: "lock names a rendered file by case", prepare: func(b *branch) {
		lockOf("readme.MD", b.read("README.md"), "merge")(b)
	}},
	{name: "base by case is a link", prepare: func(b *branch) {
		b.put("blueprint.lock", b.read("blueprint.lock")[:strings.Index(b.read("blueprint.lock"), "files:\n")]+"files:\n")
		b.remembers("README.md", b.read("README.md"), "seed")
		if err := os.RemoveAll(filepath.Join(b.dir, ".blueprint/base")); err != nil {
			b.t.Fatal(err)
		}
		b.link(".blueprint/BASE", "../.git")
	}},
}

var repositories = []attack{
	{name: "project looks like a bare repository", prepare: func(b *branch) { b.bare("") }, isArchive: true},
	{name: "project and repository look like one", prepare: func(b *branch) { b.bare("") }},
	{name: "folder looks like a bare repository", prepare: func(b *branch) { b.bare("docs/"); b.bare("src/") }},
	{name: "attributes name filters", prepare: func(b *branch) {
		b.put(".gitattributes", "* filter=evil diff=evil merge=evil ident working-tree-encoding=UTF-16\n")
		b.put(".gitconfig", "[filter \"evil\"]\n\tclean = evil\n[include]\n\tpath = evil\n")
		b.renders("README.md", "# Demo\n\none\nTWO\nthree\n", 0o644)
		b.put("README.md", "# Demo\n\none\n2\nthree\n")
	}, isArchive: true},
	{name: "attributes name filters in a conflict", prepare: func(b *branch) {
		b.put(".gitattributes", "* filter=evil diff=evil merge=evil\n")
		b.put(".gitconfig", "[filter \"evil\"]\n\tclean = evil\n")
		b.renders("README.md", "# Demo\n\none\nTWO\nthree\n", 0o644)
		b.put("README.md", "# Demo\n\none\n2\nthree\n")
	}},
	{name: "modules name hosts", prepare: func(b *branch) {
		b.put(".gitmodules", "[submodule \"x\"]\n\tpath = x\n\turl = https://"+b.host+"/x\n\tupdate = !evil\n")
		b.put("x/y", "y\n")
	}},
	{name: "git is a file that leads elsewhere", prepare: func(b *branch) {
		b.bare("x/")
		b.put(".git", "gitdir: x\n")
	}, isArchive: true, git: "x"},
	{name: "hooks of tools", prepare: func(b *branch) {
		for _, name := range []string{".husky/pre-commit", "hooks/pre-commit", "lefthook.yml", ".envrc", "Makefile", ".npmrc", "node_modules/.bin/git", ".config/git/config"} {
			b.put(name, evilHook)
		}
	}},
}

// packOf adds to the manifest of the project's pack.
func packOf(text string) func(*branch) {
	return func(b *branch) { b.put(".blueprint/pack/pack.yaml", b.read(".blueprint/pack/pack.yaml")+text) }
}

var hostilePacks = []attack{
	{name: "pack prints the environment", prepare: func(b *branch) { b.renders("README.md.tmpl", "<% env \"SECRET\" %>\n", 0o644) }},
	{name: "pack prints by expansion", prepare: func(b *branch) { b.renders("docs/x.md.tmpl", "<% expandenv \"$SECRET\" %>\n", 0o644) }},
	{name: "pack moves the user's secrets", prepare: func(b *branch) {
		packOf("moved:\n  - {from: ../home/.ssh/id_ed25519, to: docs/x.md}\n")(b)
		b.renders("docs/x.md", "x\n", 0o644)
	}},
	{name: "pack moves the blueprint", prepare: func(b *branch) {
		packOf("moved:\n  - {from: blueprint.yaml, to: docs/x.md}\n")(b)
		lockOf("blueprint.yaml", b.read("blueprint.yaml"), "merge")(b)
		b.renders("docs/x.md", "x\n", 0o644)
	}},
	{name: "pack moves git's configuration through a link", prepare: func(b *branch) {
		packOf("moved:\n  - {from: tools/HEAD, to: docs/x.md}\n")(b)
		lockOf("tools/HEAD", "ref: refs/heads/main\n", "merge")(b)
		b.renders("docs/x.md", "x\n", 0o644)
		b.link("tools", ".git")
	}},
	{name: "pack writes git's hooks by case", prepare: func(b *branch) {
		b.put(".blueprint/pack/files2/x", evilHook)
		b.replace(".blueprint/pack/pack.yaml", "{from: files}", "{from: files}\n  - {from: files2, to: .GIT/hooks}")
	}},
	{name: "pack's layer leaves the pack", prepare: func(b *branch) {
		b.replace(".blueprint/pack/pack.yaml", "{from: files}", "{from: ../../../home}")
	}},
	{name: "pack's layer goes out of the project", prepare: func(b *branch) {
		b.replace(".blueprint/pack/pack.yaml", "{from: files}", "{from: files, to: ../sibling}")
	}},
	{name: "pack says escapes", prepare: packOf("notes:\n  - {when: 'true', say: \"x\\e[2J\\u202e\\a\"}\nnext:\n  - {run: \"x\\e[2J\", why: \"y\\u202e\"}\n")},
	{name: "pack writes executables", prepare: func(b *branch) { b.renders("x.sh", evilHook, 0o755) }},
}

var hostileTexts = []attack{
	{name: "blueprint with an escape", prepare: func(b *branch) { b.replace("blueprint.yaml", "name: demo", "name: \"demo\\e[2J\"") }},
	{name: "blueprint with text that turns round", prepare: func(b *branch) { b.put("blueprint.yaml", b.read("blueprint.yaml")+"\u202ex: y\n") }},
	{name: "blueprint that is nested deeply", prepare: func(b *branch) {
		b.put("blueprint.yaml", b.read("blueprint.yaml")+"x: "+strings.Repeat("{a: ", 100_000)+"\n")
	}},
	{name: "blueprint without an end", prepare: func(b *branch) {
		b.put("blueprint.yaml", b.read("blueprint.yaml")+strings.Repeat("# more\n", 100_000))
	}},
	{name: "blueprint named like a path", prepare: func(b *branch) { b.replace("blueprint.yaml", "name: demo", "name: ../../sibling") }},
	{name: "files named like escapes", prepare: func(b *branch) {
		b.put("docs/a\x1b[2J\nb.md", "x\n")
		b.put("-rf", "x\n")
		b.put("--upload-pack=evil", "x\n")
	}},
	{name: "edit with escapes", prepare: func(b *branch) {
		b.put("README.md", "# Demo\n\none \x1b[2J\u202e\ntwo\nthree\n")
		b.renders("README.md", "# Demo\n\nONE \x1b[2J\ntwo\nthree\n", 0o644)
	}},
	{name: "markers that are there already", prepare: func(b *branch) {
		b.replace("blueprint.lock", `"README.md": {`, `"README.md": {"conflict": true, `)
		b.put("README.md", "<<<<<<< yours\none\n||||||| rendered before\n=======\n\x1b[2J\n>>>>>>> rendered now\n")
		b.renders("README.md", "new\n", 0o644)
	}},
	{name: "template for check with escapes", prepare: func(b *branch) {
		b.put("cdk.out/App.template.json", `{"Resources": {"T\u001b[2J": {"Type": "AWS::SNS::Topic", "Properties": {"x": "\u202e"}}}}`)
	}},
	{name: "template for check that is nested deeply", prepare: func(b *branch) {
		b.put("cdk.out/App.template.json", strings.Repeat(`{"a":`, 100_000))
	}},
}
