# Everything that the tests run comes from here, pinned, into one folder outside of the checkout, once.
export TOOLS ?= $(HOME)/.cache/scaffold-dev
export PROJECTS := $(TOOLS)/e2e

# What is fetched is fetched again when the file that pins it has other content: the name of the stamp says which. That file is an
# order-only prerequisite, because a fresh clone gives every file a new time.
node_stamp   := $(TOOLS)/node.$(shell cat tools/node/package-lock.json | cksum | cut -d' ' -f1)
python_stamp := $(TOOLS)/python.$(shell cat tools/python/requirements.txt | cksum | cut -d' ' -f1)
go_stamp     := $(TOOLS)/go.$(shell cat tools/go/versions | cksum | cut -d' ' -f1)


# A network of its own, with nothing in it but loopback.
isolated := unshare --map-root-user --net sh -c 'ip link set lo up && exec "$$@"' isolated

.PHONY: build test unit project additions conformance defects failover deletion promotion matrix kill property branches races folded scale fuzz bench lint format examples tools clean

build:
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o bin/scaffold ./cmd/scaffold

# All tests. The README promises that this is the only command it takes.
test: unit project deletion promotion additions conformance defects failover

unit: tools
	go test ./...

# Render a project of each level, run its own commands in it, ask independent judges.
project: tools
	mkdir -p $(PROJECTS)
	go test -tags e2e -count 1 -timeout 40m -v -run '^(TestProject|TestDevServer|TestKilledNew)$$' ./internal/e2e

# Take each control out of those projects; the check has to notice each, and nothing else.
deletion: tools $(PROJECTS)/production/orders/infra/cdk.out
	go test -tags e2e -count 1 -v -run 'Deletion$$' ./internal/e2e

# Lift a project that was edited in thirty places from level to level, and lose none of its edits.
promotion: tools
	mkdir -p $(PROJECTS)
	go test -tags e2e -count 1 -timeout 40m -v -run '^TestPromotion$$' ./internal/e2e

# Add one of everything to a project, and run its own commands and the judges again.
additions: tools
	mkdir -p $(PROJECTS)
	go test -tags e2e -count 1 -timeout 40m -v -run '^(TestAdditions|TestKilledUpdate)$$' ./internal/e2e

# Kill a thousand updates at random moments.
kill:
	KILLS=1000 go test -tags e2e -count 1 -timeout 40m -v -run '^TestKilledUpdate$$' ./internal/e2e

# Ten thousand random projects, edits and updates. It takes an hour; a temporary folder in memory helps.
property:
	RUNS=10000 go test -count 1 -timeout 240m -v -run '^TestUpdateProperties$$' ./internal/engine

# Every pair of changes on two branches, by merge and by rebase.
branches:
	PAIRS=all go test -count 1 -timeout 120m -v -run '^TestTwoBranches$$' ./internal/engine

# Five hundred rounds of commands and an editor at once.
races:
	RACES=500 go test -count 1 -timeout 60m -v -run '^TestCommandsAtOnce$$' ./internal/engine

# Hostile branches in a folder that ignores case. It needs ntfs-3g and FUSE.
folded:
	FOLDED=1 go test -count 1 -timeout 20m -v -run '^TestHostileBranchesWhereCaseIsFolded$$' ./internal/cli

# What one more function costs, in projects of up to a thousand.
scale:
	SCALE=1 go test -count 1 -timeout 40m -v -run '^TestScale$$' ./internal/engine

# Each fuzz target for as long as FUZZTIME says.
FUZZTIME ?= 10m
fuzz:
	go test ./internal/project -run '^$$' -fuzz '^FuzzUpdate$$' -fuzztime $(FUZZTIME)
	go test ./internal/project -run '^$$' -fuzz '^FuzzLock$$' -fuzztime $(FUZZTIME)
	go test ./internal/project -run '^$$' -fuzz '^FuzzBase$$' -fuzztime $(FUZZTIME)
	go test ./internal/blueprint -run '^$$' -fuzz '^FuzzParse$$' -fuzztime $(FUZZTIME)
	go test ./internal/render -run '^$$' -fuzz '^FuzzManifest$$' -fuzztime $(FUZZTIME)
	go test ./internal/plan -run '^$$' -fuzz '^FuzzAdd$$' -fuzztime $(FUZZTIME)
	go test ./internal/source -run '^$$' -fuzz '^FuzzParse$$' -fuzztime $(FUZZTIME)

# The reference service's contract against the synthesised templates of those projects.
conformance: tools $(PROJECTS)/production/orders/infra/cdk.out
	go test -tags e2e -c -o $(TOOLS)/e2e.test ./internal/e2e
	cd internal/e2e && $(isolated) $(TOOLS)/e2e.test -test.v -test.timeout 20m -test.run '^TestConformance$$'

# The suite has to fail when the service is broken.
defects: tools $(PROJECTS)/production/orders/infra/cdk.out
	go test -tags e2e -c -o $(TOOLS)/e2e.test ./internal/e2e
	cd internal/e2e && $(isolated) $(TOOLS)/e2e.test -test.v -test.timeout 20m -test.run '^TestConformanceNoticesDefects$$'

# Lose a region under load: the highest level has to go on, and to lose nothing that it has acknowledged. The log
# says how long it took.
failover: tools $(PROJECTS)/production/orders/infra/cdk.out
	go test -tags e2e -c -o $(TOOLS)/e2e.test ./internal/e2e
	cd internal/e2e && $(isolated) $(TOOLS)/e2e.test -test.v -test.timeout 20m -test.run '^TestFailover$$'

$(PROJECTS)/production/orders/infra/cdk.out:
	$(MAKE) project

# Every combination that can be rendered, of which `make test` takes one.
matrix: tools
	mkdir -p $(PROJECTS)
	MATRIX=full go test -tags e2e -count 1 -timeout 120m -v -run '^(TestProject|TestAdditions)$$' ./internal/e2e

# How long functions take to start, beside an empty one.
bench: tools $(PROJECTS)/production/orders/infra/cdk.out
	go test -tags e2e -run '^$$' -bench . -benchtime 1x ./internal/e2e

lint: tools
	$(TOOLS)/go/golangci-lint run
	$(TOOLS)/go/golangci-lint run --build-tags e2e ./internal/e2e/...
	$(TOOLS)/go/actionlint -shellcheck= -pyflakes= .github/workflows/*.yml

format: tools
	$(TOOLS)/go/golangci-lint fmt

# Render examples/, docs/rules.md and the README's table of levels anew; read the difference before you commit it.
examples:
	go test ./internal/examples -update
	go test ./internal/doctest -run 'TestRulesReference|TestReadmeLevels' -update

tools: $(node_stamp) $(python_stamp) $(go_stamp)

$(node_stamp): | tools/node/package-lock.json
	rm -rf $(TOOLS)/node $(TOOLS)/node.*
	mkdir -p $(TOOLS)/node
	cp tools/node/package.json tools/node/package-lock.json $(TOOLS)/node/
	cd $(TOOLS)/node && npm ci --ignore-scripts --legacy-peer-deps --no-audit --no-fund
	touch $@

$(python_stamp): | tools/python/requirements.txt
	rm -rf $(TOOLS)/python $(TOOLS)/python.*
	mkdir -p $(TOOLS)
	python3 -m venv $(TOOLS)/python
	$(TOOLS)/python/bin/pip install --quiet --require-hashes --only-binary :all: -r tools/python/requirements.txt
	touch $@

$(go_stamp): | tools/go/versions
	rm -rf $(TOOLS)/go $(TOOLS)/go.*
	mkdir -p $(TOOLS)/go
	while read -r tool; do GOBIN=$(TOOLS)/go go install "$$tool" || exit 1; done < tools/go/versions
	touch $@

clean:
	rm -rf bin dist $(TOOLS)/e2e
