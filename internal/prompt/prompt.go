// Package prompt asks questions at a terminal. It alone knows the library that does so.
package prompt

import (
	"bufio"
	"context"
	"errors"
	"fmt"
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
	// Ask asks for every input that was not given, in order. A name that is not free is refused where it is asked for.
	Ask(ctx context.Context, given *blueprint.Draft, isFree func(name string) error) (*blueprint.Draft, error)
}

// New is an asker at the terminal that the streams belong to, if they do. Kind is the value of TERM: a dumb terminal
// gets plain lines.
func New(in io.Reader, out, errs io.Writer, kind string) Asker {
	w := &wizard{err: errs, isDumb: kind == "dumb" || kind == ""}
	w.in, _ = in.(*os.File)
	w.out, _ = out.(*os.File)
	if w.in != nil {
		w.lines = bufio.NewReader(w.in)
	}
	return w
}

type wizard struct {
	in, out *os.File
	err     io.Writer
	isDumb  bool
	// lines is the input of a dumb terminal.
	lines *bufio.Reader
}

func (w *wizard) CanAsk() bool {
	return w.in != nil && w.out != nil && term.IsTerminal(int(w.in.Fd())) && term.IsTerminal(int(w.out.Fd()))
}

func (w *wizard) Ask(ctx context.Context, given *blueprint.Draft, isFree func(name string) error) (*blueprint.Draft, error) {
	answers := blueprint.NewDraft()
	for _, input := range blueprint.Inputs() {
		if given.Has(input.Key) || len(input.Options) == 1 && input.Default != nil {
			continue
		}
		// Defaults may depend on answers: a service is called after its platform.
		sofar, _ := given.Overlay(answers).Finish()
		answer, err := w.ask(ctx, &input, sofar, isFree)
		if err != nil {
			return nil, err
		}
		if err := answers.SetText(input.Key, answer, fault.Place{}); err != nil {
			return nil, err
		}
	}
	return answers, nil
}

// ask asks for one input, until it is answered or the context ends. A terminal that is left in the middle of a
// question gets its state back.
func (w *wizard) ask(ctx context.Context, input *blueprint.Input, sofar *blueprint.Blueprint, isFree func(string) error) (string, error) {
	if state, err := term.GetState(int(w.in.Fd())); err == nil {
		defer func() { _ = term.Restore(int(w.in.Fd()), state) }()
	}
	type reply struct {
		answer string
		err    error
	}
	replies := make(chan reply, 1)
	go func() {
		var r reply
		if w.isDumb {
			r.answer, r.err = askPlainly(w.lines, w.out, input, sofar, isFree)
		} else {
			r.err = survey.AskOne(question(input, sofar), &r.answer,
				survey.WithStdio(w.in, w.out, w.err), survey.WithValidator(validator(input, isFree)))
		}
		replies <- r
	}()
	select {
	case <-ctx.Done():
		return "", w.stopped()
	case r := <-replies:
		if errors.Is(r.err, terminal.InterruptErr) || errors.Is(r.err, io.EOF) {
			return "", w.stopped()
		}
		return r.answer, fault.Wrap(r.err, "asking for %s", input.Key)
	}
}

// stopped is the error of somebody who does not want to go on. A plain question has left the cursor behind it.
func (w *wizard) stopped() error {
	if w.isDumb {
		fmt.Fprintln(w.err)
	}
	return &fault.Error{
		Code: fault.Interrupted, Message: "stopped, and nothing was written", Hint: "scaffold new --help",
	}
}

func defaultOf(input *blueprint.Input, sofar *blueprint.Blueprint) string {
	if input.Default == nil {
		return ""
	}
	return input.Default(sofar)
}

func question(input *blueprint.Input, sofar *blueprint.Blueprint) survey.Prompt {
	initial := defaultOf(input, sofar)
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

// askPlainly asks by lines of text, for terminals that know nothing else.
func askPlainly(lines *bufio.Reader, out io.Writer, input *blueprint.Input, sofar *blueprint.Blueprint, isFree func(string) error) (string, error) {
	initial := defaultOf(input, sofar)
	for _, option := range input.Options {
		fmt.Fprintf(out, "  %-12s %s\n", option.Value, option.Help)
	}
	if initial == "" && len(input.Options) > 0 {
		initial = input.Options[0].Value // As the first one of a menu is.
	}
	label := input.Question + " "
	if initial != "" {
		label += "[" + initial + "] "
	}
	for {
		fmt.Fprint(out, label)
		answer, err := lines.ReadString('\n')
		if err != nil {
			return "", err
		}
		if answer = strings.TrimSpace(answer); answer == "" {
			answer = initial
		}
		problem := problemOf(input, answer, isFree)
		if problem == nil {
			return answer, nil
		}
		fmt.Fprintln(out, problem)
	}
}

func validator(input *blueprint.Input, isFree func(string) error) survey.Validator {
	return func(answer any) error {
		text, ok := answer.(string)
		if !ok {
			return nil
		}
		return problemOf(input, text, isFree)
	}
}

// problemOf is an error if an answer is none that the input can have.
func problemOf(input *blueprint.Input, text string, isFree func(string) error) error {
	draft := blueprint.NewDraft()
	if err := draft.SetText(input.Key, text, fault.Place{}); err != nil {
		return err
	}
	err := draft.Problems()
	if err == nil && input.Key == "name" {
		err = isFree(text)
	}
	if err == nil {
		return nil
	}
	first := fault.All(err)[0]
	return errors.New(strings.Join([]string{first.Error(), first.Hint}, "; "))
}
