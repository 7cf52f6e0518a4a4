package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Environment is what differs between two copies of the service: config/<name>.json.
type Environment struct {
	Name string `json:"-"`
	// Account and Region are where the copy lives.
	Account string `json:"account"`
	Region  string `json:"region"`
	// Issuer is the URL of the token issuer, Audience who its tokens are for.
	Issuer   string   `json:"issuer"`
	Audience []string `json:"audience"`
	// AlarmEmail hears of alarms; Runbooks is the URL of a runbook, with * for its name, which every alarm names.
	AlarmEmail string `json:"alarmEmail"`
	Runbooks   string `json:"runbooks"`
	// Owner and CostCenter are tags on every resource.
	Owner      string `json:"owner"`
	CostCenter string `json:"costCenter"`
	// MonthlyBudgetUSD is the budget of this copy.
	MonthlyBudgetUSD float64 `json:"monthlyBudgetUSD"`
	// ProtectData keeps the table when the stack is deleted, and refuses to delete it otherwise.
	ProtectData bool `json:"protectData"`
}

func loadEnvironments(dir string) ([]*Environment, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s has no environment: a file such as dev.json", dir)
	}
	environments := make([]*Environment, len(files))
	for i, file := range files {
		if environments[i], err = loadEnvironment(file); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return environments, nil
}

func loadEnvironment(file string) (*Environment, error) {
	content, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	environment := &Environment{Name: strings.TrimSuffix(filepath.Base(file), ".json")}
	decoder := json.NewDecoder(content)
	decoder.DisallowUnknownFields()
	return environment, decoder.Decode(environment)
}
