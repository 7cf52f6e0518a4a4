package blueprint_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// awkward is texts that YAML reads as something else, ends early, or takes for its own punctuation.
var awkward = []string{
	"null", "Null", "~", "true", "False", "yes", "No", "on", "OFF", "y", "n", ".inf", "-.inf", ".nan", "1e3", "0x1f", "0o17", "017", "1_000", "12:30:45", "2026-01-01",
	"2026-01-01T00:00:00Z", "123", "-1", "+1", "1.5", "=", "<<", "-", "?", ":", "- a", "? a", ": a", "---", "...", "a'b", `a"b`, "a]b", "a}b", "a,b", "a: b", "a #b", "#a", "*", "*a",
	"&a", "!a", "!!str", "|", ">", "%a", "@a", "`a", "[a", "{a", "a:", "a: ", "https://a.b/c:", "https://a.b/c#d", "https://a.b/c?d=e&f=g", "https://a.b/~x", " a", "a ", "\ta", "a\tb", "\u00a0a\u00a0", "\u2003a",
	"a\nb", "a\r\nb", "\n", "a\n", "é", "日本", "😀", "\u202eabc", "a\u200bb", "\ufeffa", "\u0085", "\u2028", "\x00", "\x1b[31m", "\x7f", "\xff", "a\xc3", `a\b`, `\`, `\n`, `''`, `""`, "a''b", "", " ",
	"cron(0 3 * * ? *)", "rate(15 minutes)", "/a/{id}", "a/b.c_d-e", "infra/**/*.json", "aws.s3", "a--b", "9a", "Infinity", "NaN", "0b1", "1:2", "a:b", "a:/b", "://", "/",
}

// text is a random text that is made of the awkward ones and of single characters.
func text(random *rand.Rand) string {
	if random.IntN(2) == 0 {
		return awkward[random.IntN(len(awkward))]
	}
	var b strings.Builder
	for range random.IntN(12) {
		const alphabet = "ab1 .:,-_/'\"[]{}#&*!|>%@`?~=\\\n\té\u200b\u202e"
		runes := []rune(alphabet)
		b.WriteRune(runes[random.IntN(len(runes))])
	}
	return b.String()
}

// valid is a random blueprint, every value of which validation accepts.
func valid(t *testing.T, random *rand.Rand) (b *blueprint.Blueprint, accepted int) {
	t.Helper()
	draft := blueprint.NewDraft()
	for _, input := range blueprint.Inputs() {
		if len(input.Options) > 0 {
			_ = draft.SetText(input.Key, input.Options[random.IntN(len(input.Options))].Value, fault.Place{})
			continue
		}
		var values []string
		for range 40 {
			value := text(random)
			if message, _ := input.Problem(value); message == "" && (input.Kind == blueprint.Strings || len(values) == 0) && !slices.Contains(values, value) {
				values = append(values, value)
			}
		}
		if len(values) > 0 {
			accepted++
			_ = draft.Set(input.Key, values, fault.Place{})
		}
	}
	finished, err := draft.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return finished, accepted
}

// What validation accepts is read back as it was written, whoever writes it: Text, Append and Edit.
func TestWhatIsAcceptedSurvivesWritingAndReading(t *testing.T) {
	accepted := 0
	for seed := range uint64(500) {
		random := rand.New(rand.NewPCG(seed, 1))
		b, n := valid(t, random)
		accepted += n
		written := b.Text()
		for range 3 {
			if next, ok := withPart(written, random); ok {
				written = next
				accepted++
			}
		}
		read, err := blueprint.Parse("f", written)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, written)
		}
		if got := withoutParts(read); !reflect.DeepEqual(got, withoutParts(b)) {
			t.Fatalf("seed %d: got %+v, want %+v\n%s", seed, got, b, written)
		}
		again, err := blueprint.Parse("f", read.Text())
		if err != nil || !reflect.DeepEqual(withoutPlaces(again), withoutPlaces(read)) {
			t.Fatalf("seed %d: written again it is %+v, %v\n%s", seed, again, err, read.Text())
		}
	}
	if accepted < 1500 {
		t.Errorf("only %d random values were accepted: the property says little", accepted)
	}
	t.Logf("%d values", accepted)
}

// withPart is a file with one more random function, resource or waiver, if that is valid.
func withPart(file []byte, random *rand.Rand) (next []byte, ok bool) {
	var err error
	name := text(random)
	if random.IntN(2) == 0 {
		name = []string{"null", "true", "y", "no", "on", "a1", "import-orders"}[random.IntN(7)]
	}
	sections := blueprint.ResourceSections()
	switch random.IntN(3) {
	case 0:
		next, err = blueprint.AppendResource("f", file, sections[random.IntN(len(sections))].Kind, blueprint.Resource{Name: name})
	case 1:
		next, err = blueprint.AppendFunction("f", file, function(name, random))
	default:
		b, parseErr := blueprint.Parse("f", file)
		if parseErr != nil {
			return nil, false
		}
		waiver := blueprint.Waiver{Rule: phrase(random), Path: phrase(random), Reason: "a reason of twenty letters" + phrase(random)}
		if random.IntN(2) == 0 {
			waiver.Expires = "2027-03-01"
		}
		b.Waivers = append(b.Waivers, waiver)
		next = b.Text()
		if waiver.Rule != "" {
			read, readErr := blueprint.Parse("f", next)
			if readErr != nil || !reflect.DeepEqual(withoutPlaces(read).Waivers[len(read.Waivers)-1], waiver) {
				panic(fmt.Sprintf("the waiver %+v was written as\n%s\nand is read as %+v, %v", waiver, next, read, readErr))
			}
		}
	}
	if err != nil {
		return nil, false
	}
	_, err = blueprint.Parse("f", next)
	return next, err == nil
}

// phrase is a random text as a file of YAML can have it, without the blanks around it that reading takes away.
func phrase(random *rand.Rand) string {
	return strings.TrimSpace(strings.ToValidUTF8(text(random), "?"))
}

func function(name string, random *rand.Rand) *blueprint.Function {
	kinds := blueprint.TriggerTypes()
	kind := kinds[random.IntN(len(kinds))]
	f := &blueprint.Function{Name: name, Trigger: blueprint.Trigger{Type: kind.Name}}
	for _, option := range kind.Options {
		switch {
		case len(option.Allowed) > 0:
			option.Set(&f.Trigger, option.Allowed[0])
		case option.RefersTo == "" && random.IntN(2) == 0:
			if value := text(random); isAccepted(&option, value) {
				option.Set(&f.Trigger, value)
			}
		case option.Example != "":
			option.Set(&f.Trigger, option.Example)
		}
	}
	return f
}

func isAccepted(option *blueprint.TriggerOption, value string) bool {
	_, hint := option.Problem(value)
	return hint == ""
}

func withoutParts(b *blueprint.Blueprint) *blueprint.Blueprint {
	bare := *b
	bare.Functions, bare.Tables, bare.Queues, bare.Buses, bare.Secrets, bare.Waivers = nil, nil, nil, nil, nil, nil
	return &bare
}

func withoutPlaces(b *blueprint.Blueprint) *blueprint.Blueprint {
	bare := *b
	bare.Waivers = nil
	for _, waiver := range b.Waivers {
		waiver.Place = fault.Place{}
		bare.Waivers = append(bare.Waivers, waiver)
	}
	return &bare
}

// Edit puts any accepted value in the place of any other.
func TestEditedValuesAreReadBack(t *testing.T) {
	edits := 0
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 2))
		before, _ := valid(t, random)
		after, _ := valid(t, random)
		after.Name, after.Platform = before.Name, before.Platform
		file := before.Text()
		for _, input := range blueprint.Inputs() {
			value := input.Get(after)
			edited, err := blueprint.Edit("f", file, input.Key, value)
			if err != nil {
				t.Fatalf("seed %d: %v\n%s", seed, err, file)
			}
			file = edited
			edits++
		}
		read, err := blueprint.Parse("f", file)
		if err != nil || !reflect.DeepEqual(read, after) {
			t.Fatalf("seed %d: %+v, %v, want %+v\n%s", seed, read, err, after, file)
		}
	}
	t.Logf("%d edits", edits)
}
