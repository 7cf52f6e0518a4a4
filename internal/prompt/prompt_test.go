package prompt

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"github.com/AlecAivazis/survey/v2"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
)

func TestNobodyCanBeAskedWithoutATerminal(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for name, asker := range map[string]Asker{
		"buffers": New(&bytes.Buffer{}, &bytes.Buffer{}, &bytes.Buffer{}, "xterm"),
		"files":   New(file, file, file, "xterm"),
	} {
		if asker.CanAsk() {
			t.Errorf("%s are no terminal", name)
		}
	}
}

// Every question comes from the declaration of its input: its words, its choices, its default, its rules.
func TestQuestions(t *testing.T) {
	b := &blueprint.Blueprint{Platform: "lambda", Name: "orders"}
	for _, input := range blueprint.Inputs() {
		switch asked := question(&input, b).(type) {
		case *survey.Select:
			if asked.Message != input.Question || len(asked.Options) != len(input.Options) || asked.Description("", 0) != input.Options[0].Help {
				t.Errorf("%s is asked as %+v", input.Key, asked)
			}
		case *survey.Input:
			if asked.Message != input.Question || asked.Default != input.Default(b) {
				t.Errorf("%s is asked as %+v", input.Key, asked)
			}
		}
	}
}

func TestAnswersAreHeldToTheRulesOfTheInput(t *testing.T) {
	for _, input := range blueprint.Inputs() {
		if len(input.Options) > 0 {
			continue
		}
		err := validator(&input, anyName)("not valid\"")
		if err == nil || !strings.Contains(err.Error(), input.Key+" cannot be") {
			t.Errorf("%s: %v", input.Key, err)
		}
	}
}

// example is a value that the input can have.
func example(input *blueprint.Input) string {
	if len(input.Options) > 0 {
		return input.Options[0].Value
	}
	return input.Default(&blueprint.Blueprint{Platform: "lambda", Name: "orders"})
}

func anyName(string) error { return nil }

// A name whose folder is taken is refused where it is asked for.
func TestATakenNameIsRefusedAtItsQuestion(t *testing.T) {
	taken := func(name string) error {
		return &fault.Error{Code: fault.Invalid, Place: fault.Place{File: name}, Message: "the directory is not empty", Hint: "choose another name"}
	}
	for _, input := range blueprint.Inputs() {
		err := validator(&input, taken)(example(&input))
		if (err != nil) != (input.Key == "name") {
			t.Errorf("%s: %v", input.Key, err)
		}
	}
}

// A dumb terminal gets lines of text: no escape sequence, and the question again after an answer that is none.
func TestADumbTerminalIsAskedPlainly(t *testing.T) {
	b := &blueprint.Blueprint{Platform: "lambda", Name: "orders", Level: "mvp"}
	var out bytes.Buffer
	for _, input := range blueprint.Inputs() {
		lines := bufio.NewReader(strings.NewReader("not valid\"\n\n"))
		answer, err := askPlainly(lines, &out, &input, b, anyName)
		want := "lambda"
		if input.Default != nil {
			want = input.Default(b)
		}
		if err != nil || answer != want {
			t.Errorf("%s: %q, %v", input.Key, answer, err)
		}
		if !strings.Contains(out.String(), input.Question) || !strings.Contains(out.String(), input.Key+" cannot be") {
			t.Errorf("%s is asked as %q", input.Key, out.String())
		}
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Errorf("there are escape sequences in %q", out.String())
	}
}

// Whoever ends the program ends its question too.
func TestAQuestionEndsWithItsContext(t *testing.T) {
	in, keyboard, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer keyboard.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = New(in, in, &bytes.Buffer{}, "dumb").Ask(ctx, blueprint.NewDraft(), anyName)
	if err == nil || fault.CodeOf(err) != fault.Interrupted {
		t.Errorf("the error is %v", err)
	}
}
