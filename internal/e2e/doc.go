// Package e2e renders projects and judges them as their owners would: with their own commands, by independent
// judges, and running. Its tests take minutes and have the build tag e2e; `make test` runs them.
package e2e
