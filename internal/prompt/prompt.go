// Package prompt asks questions at a terminal. It alone knows the library that does so.
package prompt

import (
	"errors"
	"io"
	"os"
	"strings"

	"github.com/AlecAivazis/survey/v2"
	"github.com/AlecAivazis/survey/v2/terminal"
	"golang.org/x/term"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// Asker asks for inputs.
type Asker interface {
	// CanAsk says whether somebody is there to answer.
	CanAsk() bool
	// Ask asks for every input that was not given, in order.
	Ask(given *blueprint.Draft) (*blueprint.Draft, error)
}

// New is an asker at the terminal that the streams belong to, if they do.
func New(in io.Reader, out, errs io.Writer) Asker {
	t := &wizard{err: errs}
	t.in, _ = in.(*os.File)
	t.out, _ = out.(*os.File)
	return t
}

type wizard struct {
	in, out *os.File
	err     io.Writer
}

func (w *wizard) CanAsk() bool {
	return w.in != nil && w.out != nil && term.IsTerminal(int(w.in.Fd())) && term.IsTerminal(int(w.out.Fd()))
}

func (w *wizard) Ask(given *blueprint.Draft) (*blueprint.Draft, error) {
	answers := blueprint.NewDraft()
	for _, input := range blueprint.Inputs() {
		if given.Has(input.Key) || len(input.Options) == 1 && input.Default != nil {
			continue
		}
		// Defaults may depend on answers: a service is called after its platform.
		sofar, _ := given.Overlay(answers).Finish()
		answer, err := w.ask(&input, sofar)
		if err != nil {
			return nil, err
		}
		if err := answers.SetText(input.Key, answer, fault.Place{}); err != nil {
			return nil, err
		}
	}
	return answers, nil
}

func (w *wizard) ask(input *blueprint.Input, sofar *blueprint.Blueprint) (string, error) {
	var answer string
	err := survey.AskOne(question(input, sofar), &answer,
		survey.WithStdio(w.in, w.out, w.err), survey.WithValidator(validator(input)))
	if errors.Is(err, terminal.InterruptErr) || errors.Is(err, io.EOF) {
		return "", &fault.Error{Code: fault.Interrupted, Message: "stopped, and nothing was written", Hint: "scaffold new --help"}
	}
	return answer, fault.Wrap(err, "asking for %s", input.Key)
}

func question(input *blueprint.Input, sofar *blueprint.Blueprint) survey.Prompt {
	initial := ""
	if input.Default != nil {
		initial = input.Default(sofar)
	}
	if len(input.Options) == 0 {
		return &survey.Input{Message: input.Question, Help: input.Help, Default: initial}
	}
	choice := &survey.Select{Message: input.Question, Help: input.Help, Options: input.Allowed(), Description: func(_ string, n int) string {
		return input.Options[n].Help
	}}
	if initial != "" {
		choice.Default = initial
	}
	return choice
}

func validator(input *blueprint.Input) survey.Validator {
	return func(answer any) error {
		text, ok := answer.(string)
		if !ok {
			return nil
		}
		for _, value := range input.Split(text) {
			if message, hint := input.Problem(value); message != "" {
				return errors.New(strings.Join([]string{message, hint}, "; "))
			}
		}
		return nil
	}
}
