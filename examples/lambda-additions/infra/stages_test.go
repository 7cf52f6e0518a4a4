package main

import "testing"

func TestDataIsProtectedWhereItMatters(t *testing.T) {
	for environment, want := range map[string]string{"dev": "Delete", "staging": "Retain", "prod": "Retain"} {
		for id, table := range resources(t, environment, "AWS::DynamoDB::GlobalTable") {
			if table["DeletionPolicy"] != want {
				t.Errorf("%s: the deletion policy of %s is %v, want %s", environment, id, table["DeletionPolicy"], want)
			}
		}
	}
}
