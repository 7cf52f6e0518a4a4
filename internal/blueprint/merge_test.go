package blueprint_test

import (
	"strings"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
)

const ancestor = `apiVersion: scaffold/v1
platform: lambda
name: orders # ours
level: mvp
functions:
  - name: first
    trigger: { type: sqs }
  - name: second
    trigger: { type: sns }
`

func TestMerge(t *testing.T) {
	replace := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(ancestor) }
	third := "  - name: third\n    trigger: { type: sns }\n"
	for name, test := range map[string]struct{ ours, theirs, joined, want, refused string }{
		"both add": {
			ours:   ancestor + third,
			theirs: replace("  - name: second", "  - name: later\n    trigger: { type: sns }\n  - name: second"),
			want:   replace("  - name: second", "  - name: later\n    trigger: { type: sns }\n  - name: second") + third,
		},
		"both add the same":       {ours: ancestor + third, theirs: ancestor + third, want: ancestor + third},
		"one adds, one takes out": {ours: ancestor + third, theirs: replace("  - name: first\n    trigger: { type: sqs }\n", ""), want: replace("  - name: first\n    trigger: { type: sqs }\n", "") + third},
		"an input and a function": {ours: replace("level: mvp", "level: production"), theirs: ancestor + third, want: replace("level: mvp", "level: production") + third},
		"what has a default is not written out": {
			ours:   ancestor + "  - name: third\n    trigger: { type: http } # a comment\n",
			theirs: replace("  - name: second", "  - name: later\n    trigger: { type: http }\n  - name: second"),
			want:   replace("  - name: second", "  - name: later\n    trigger: { type: http }\n  - name: second") + "  - name: third\n    trigger: { type: http } # a comment\n",
		},
		"lists that each begins in another order": {
			ours:   ancestor + "queues:\n  - name: q\ntables:\n  - name: t\nsecrets:\n  - name: s\n",
			theirs: ancestor + third + "tables:\n  - name: u\nbuses:\n  - name: b\n",
			joined: "rubbish",
			want:   ancestor + third + "queues:\n  - name: q\ntables:\n  - name: t\n  - name: u\nsecrets:\n  - name: s\nbuses:\n  - name: b\n",
		},
		"an input in two ways": {ours: replace("level: mvp", "level: production"), theirs: replace("level: mvp", "level: enterprise"), refused: "both branches have changed level"},
		"a function in two ways": {
			ours: replace("type: sns", "type: s3"), theirs: replace("type: sns", "type: sqs"), refused: "both branches have changed functions second",
		},
		"taken out and changed": {
			ours: replace("  - name: second\n    trigger: { type: sns }\n", ""), theirs: replace("type: sns", "type: sqs"), refused: "both branches have changed functions second",
		},
		"comments of both": {
			ours: replace("# ours", "# the shop's") + third, theirs: replace("level: mvp", "level: mvp # for now") + "  - name: later\n    trigger: { type: s3 }\n",
			joined: replace("# ours", "# the shop's", "level: mvp", "level: mvp # for now") + third + "  - name: later\n    trigger: { type: s3 }\n",
			want:   replace("# ours", "# the shop's", "level: mvp", "level: mvp # for now") + third + "  - name: later\n    trigger: { type: s3 }\n",
		},
		"lines that were mixed up": {
			ours: replace("# ours", "# the shop's") + third, theirs: replace("# ours", "# theirs") + "  - name: later\n    trigger: { type: s3 }\n",
			joined: ancestor + "  - name: third\n  - name: later\n    trigger: { type: s3 }\n", refused: "both branches have changed the same lines",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := blueprint.Merge("f", []byte(ancestor), []byte(test.ours), []byte(test.theirs), []byte(test.joined))
			if test.refused != "" {
				if err == nil || fault.CodeOf(err) != fault.Conflicts || !strings.Contains(err.Error(), test.refused) {
					t.Errorf("got %v, want %s", err, test.refused)
				}
				return
			}
			if err != nil || string(got) != test.want {
				t.Errorf("got %v\n%s\nwant\n%s", err, got, test.want)
			}
		})
	}
}
