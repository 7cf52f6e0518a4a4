package plan_test

import (
	"strings"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/plan"
)

func TestCheckPath(t *testing.T) {
	for want, paths := range map[string][]string{
		"is not a path inside the project": {
			"", ".", "..", "../x", "a/../../x", "/etc/passwd", "a//b", "a/", "./a",
			`a\b`, "C:/x", "a:b", ".git::$INDEX_ALLOCATION/config", "x\x00y", "a\xff",
		},
		"bytes": {strings.Repeat("a/", 600) + "a", strings.Repeat("a", 241)},
		"cannot be seen": {
			".g\u200cit/config", ".git\ufeff", ".gi\u00adt", ".gi\ufe0ft", ".g\u034fit", "a\u3164", "a\U000e0041",
			"a\u2028b", "a\u2029b", "a\u0085b", "a\tb", "a\nb", "a\x1bb", "a\u202eb", "a\uf03ab", "a\ufffdb",
		},
		"Windows cannot have":   {"<<", "a<b", "a>b", `a"b`, "a|b", "? a", "what?", "*"},
		"ends in a dot":         {"a.", "a./b", "...", ".git./config", ".blueprint."},
		"begins or ends with a": {" a", "a ", "a /b", "a/ b", "\u00a0a", "a\u3000", "a\u2003/b", ".git "},
		"git's own": {
			".git", ".git/hooks/pre-commit", "sub/.GIT/config", ".Git", ".gıt/config",
			".ｇｉｔ/config", "a/.𝐠𝐢𝐭/b", "․git",
		},
		"a short name on Windows": {
			"git~1", "GIT~1/config", "sub/Git~2", "BLUEPR~1/x", "BLUEPR~2.YAM", "gi7eba~1",
			"GITMOD~1", "a~1", "~1", "ABCDE~10.TXT", "GIT~¹", "x/PROGRA~1/y",
		},
		"which is a device on Wind": {
			"con", "a/NUL.txt", "aux.ts", "COM1", "lpt9.a.b", "COM¹", "lpt³.txt", "CONIN$",
			"conout$.txt", "CLOCK$", "com0", "nul .txt", "ＣＯＮ", "prn/x",
		},
	} {
		for _, path := range paths {
			err := plan.CheckPath(path)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: the error is %v, want %q in it", path, err, want)
				continue
			}
			if e := fault.All(err)[0]; e.Code != fault.Invalid || e.Hint == "" {
				t.Errorf("%q: the code is %s and the hint %q", path, e.Code, e.Hint)
			}
			if new(plan.Plan).Add(&plan.File{Path: path}) == nil || new(plan.Names).Add(path) == nil {
				t.Errorf("%q: a plan takes it", path)
			}
		}
	}
}

// What only a writer of text could get wrong is for the writer to quote.
func TestCheckPathTakesWhatFileSystemsTake(t *testing.T) {
	for _, path := range []string{
		"a", "a/b.ts", ".github/workflows/ci.yml", ".gitignore", ".gitmodules", "…/ü.md", "console.ts", "a b", "git",
		"a.git", "com10", "icon", "nulls.ts", "conin",
		"~", "~x", "a~b", "readme~", "a~1234567", "seventy~1", ".inf", ".nan", "null", "true", "-", "- a", "-rf", "#a",
		"a#", "@scope/x", "[slug].ts", "(group)/x", "+page.ts", "{a}", "'a'", "%2e%2e", "!a", "&a", "a,b",
		"日本/語.md", "e\u0301", "é", "ß", "İ", "blueprint", "blueprints/x", strings.Repeat("a", 240),
		".blueprint/base.txtar", "blueprint.lock",
	} {
		if err := plan.CheckPath(path); err != nil {
			t.Errorf("%q was refused: %v", path, err)
		}
	}
}

func TestIsOwn(t *testing.T) {
	for _, path := range []string{
		".blueprint", ".blueprint/x", ".BLUEPRINT/update-1/journal.json", ".Blueprint/pack/x", "blueprint.yaml",
		"BLUEPRINT.YAML", "blueprint.lock", "Blueprint.Lock", "blueprint.lock/x", "blueprint.yaml/a/b",
		"BLUEPR~1", "BLUEPR~1/update-1", "bluepr~2.yam", "BLUEPR~3.LOC", "bl3f2a~1", "BL3F2A~1.YAM", ".blueprınt/x",
		".ｂｌｕｅｐｒｉｎｔ/x", ".blue\u200cprint/x", ".blueprint./x", ".blueprint /x", ".blueprint::$INDEX_ALLOCATION/x",
		"blueprint.lock::$DATA", "./.blueprint/x", "a/../.blueprint/x", `.blueprint\x`, ".blueprint//x",
	} {
		if !plan.IsOwn(path) {
			t.Errorf("%q is not taken for one of scaffold's own", path)
		}
		if err := new(plan.Plan).Add(&plan.File{Path: path, Source: "files/x"}); err == nil {
			t.Errorf("%q: a plan takes it from a pack", path)
		}
	}
	for _, path := range []string{
		"", "a", "a/.blueprint/x", "docs/blueprint.yaml", "blueprint", ".blueprints",
		"blueprint.yml", "blueprint.yaml.md", "blob", "black~", "infra/BLUEPR~1",
	} {
		if plan.IsOwn(path) {
			t.Errorf("%q is taken for one of scaffold's own", path)
		}
	}
}

func TestOwnRecords(t *testing.T) {
	p := &plan.Plan{}
	err := p.Add(&plan.File{Path: ".BluePrint/x", Source: "files/.BluePrint/x"})
	if e := fault.All(err)[0]; e.Code != fault.Refused || e.Place.File != "files/.BluePrint/x" || e.Hint == "" {
		t.Errorf("the error of a pack that writes there is %#v", e)
	}
	if err := p.AddRecord(&plan.File{Path: ".blueprint/base.txtar"}); err != nil {
		t.Error(err)
	}
	for _, path := range []string{
		".blueprint/base.txtar", ".Blueprint/other", ".blueprint", "README.md",
		"BLUEPR~1/x",
	} {
		if p.AddRecord(&plan.File{Path: path}) == nil {
			t.Errorf("%q was taken for a record", path)
		}
	}
	if files := p.Files(); len(files) != 1 {
		t.Errorf("what was refused is in the plan: %d files", len(files))
	}
}

func TestNamesRefuseWhatCannotBeTogether(t *testing.T) {
	for want, pairs := range map[string][][2]string{
		"in upper and lower case only": {{"a", "A"}, {"A/x", "a/y"}, {"x/Src/a", "x/src/b"}, {
			"straße/a",
			"STRASSE/b",
		}, {"ſ/a", "s/b"}, {"ı", "I"}, {"ﬁ", "fi"}, {"Σ", "ς"}, {"É/a", "e\u0301/b"}},
		"in the form of its characters only": {
			{"é", "e\u0301"},
			{"é/x", "e\u0301/y"},
			{"a/é/b/c", "a/e\u0301/b/d"},
			{"Å", "\u212b"},
			{"K", "\u212a"},
			{"\u1e69", "s\u0307\u0323"},
		},
		"is a file and a folder": {{"b", "b/x"}, {"b/x", "b"}, {"b", "B/x"}, {"B/x", "b"}, {
			"a/b/c",
			"a/b",
		}, {"é", "e\u0301/x"}},
		"is there twice":                        {{"a", "a"}, {"a/b", "a/b"}},
		"which differs from \"A\" in upper and": {{"A/x", "a/x"}},
	} {
		for _, pair := range pairs {
			names := &plan.Names{}
			if err := names.Add(pair[0]); err != nil {
				t.Fatal(err)
			}
			err := names.Add(pair[1])
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q beside %q: the error is %v, want %q in it", pair[1], pair[0], err, want)
			}
		}
	}
	names := &plan.Names{}
	for _, name := range []string{"a/b/c", "a/b/d", "a/c", "b", "ß", "s", "A-", "1", "①"} {
		if err := names.Add(name); err != nil {
			t.Error(err)
		}
	}
}

// A name that was refused leaves nothing behind that another could meet.
func TestNamesAreWholeAfterARefusal(t *testing.T) {
	names := &plan.Names{}
	for _, step := range []struct {
		name string
		ok   bool
	}{{"a/b", true}, {"a/B/c/d", false}, {"a/c", true}, {"A/new/x", false}, {"a/new", true}, {"n/..", false}, {
		"N",
		true,
	}} {
		if err := names.Add(step.name); (err == nil) != step.ok {
			t.Errorf("%s: %v", step.name, err)
		}
	}
}
