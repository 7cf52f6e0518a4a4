package prompt

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/AlecAivazis/survey/v2"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
)

func TestNobodyCanBeAskedWithoutATerminal(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for name, asker := range map[string]Asker{
		"buffers": New(&bytes.Buffer{}, &bytes.Buffer{}, &bytes.Buffer{}),
		"files":   New(file, file, file),
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
		if input.Pattern == nil {
			continue
		}
		err := validator(&input)("not valid\"")
		if err == nil || !strings.Contains(err.Error(), input.Like) {
			t.Errorf("%s: %v", input.Key, err)
		}
	}
}
