package plan_test

import (
	"strings"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/plan"
)

// What runs or steers something by itself is marked whatever its pack calls it, and in any folder.
func TestWhatRunsByItselfIsPrivileged(t *testing.T) {
	const running = `
		.yarn/releases/yarn.cjs .mise.toml mise.toml mise.local.toml lefthook.yaml lefthook.yml lefthook-local.yml
		lefthook.json acme.code-workspace .dir-locals.el flake.nix flake.lock bitbucket-pipelines.yml .windsurfrules
		.clinerules .clinerules/a.md .kiro/steering/a.md opencode.json opencode.jsonc .opencode/a .vscode/tasks.json
		.claude/settings.json .husky/pre-commit Dockerfile Dockerfile.prod cdk.json eslint.config.js
		eslint.config.mjs .eslintrc.cjs prettier.config.js .prettierrc vitest.config.ts vitest.workspace.ts
		jest.config.js jest.setup.ts AGENTS.md agents.md AGENTS.override.md CLAUDE.md CLAUDE.local.md GEMINI.md
		SKILL.md a.instructions.md a.prompt.md copilot-instructions.md .cursor/rules/a.mdc .cursorrules a.mdc
		.mcp.json mcp.json .github/workflows/ci.yml .github/CODEOWNERS CODEOWNERS .gitlab-ci.yml
		.circleci/config.yml .buildkite/a.yml Jenkinsfile Jenkinsfile.prod azure-pipelines.yml
		azure-pipelines-pr.yml buildspec.yml buildspec-test.yaml appspec.yml cloudbuild.yaml action.yml .travis.yml
		.drone.yml .woodpecker/a.yml package.json package-lock.json pnpm-workspace.yaml pnpm-lock.yaml yarn.lock
		.npmrc .yarnrc .yarnrc.yml .pnpmfile.cjs .pnp.cjs deno.json bunfig.toml nx.json turbo.json tsconfig.json
		tsconfig.build.json biome.json Makefile makefile GNUmakefile a.mk justfile .justfile Justfile Taskfile.yml
		Taskfile.dist.yaml taskfile.yml Rakefile Gemfile Guardfile Vagrantfile Procfile Tiltfile Earthfile
		CMakeLists.txt BUILD.bazel a.bzl SConstruct build.gradle build.gradle.kts settings.gradle gradle.properties
		gradlew mvnw pom.xml build.sbt mix.exs a.csproj Directory.Build.props Directory.Build.targets Cargo.toml
		build.rs rust-toolchain.toml .cargo/config.toml composer.json go.mod go.work go.sum setup.py setup.cfg
		pyproject.toml conftest.py sitecustomize.py a.pth tox.ini noxfile.py requirements.txt requirements-dev.txt
		Pipfile .envrc .env .env.local .tool-versions .nvmrc .python-version .pre-commit-config.yaml .lintstagedrc
		commitlint.config.js renovate.json .git-blame-ignore-revs .gitattributes .gitmodules .gitignore
		.editorconfig .devcontainer/devcontainer.json .devcontainer.json devbox.json shell.nix docker-compose.yml
		docker-compose.override.yml compose.yaml serverless.yml serverless.ts template.yaml samconfig.toml
		wrangler.toml wrangler.jsonc vercel.json netlify.toml main.tf a.tfvars a.hcl Pulumi.yaml app.yaml fly.toml
		heroku.yml .idea/workspace.xml .zed/tasks.json .vim/a .exrc .nvim.lua a.sh a.ps1 a.bat a.exe a.dll a.jar
		a.node a.desktop desktop.ini autorun.inf a.lnk gulpfile.js Gruntfile.js nodemon.json webpack.common.js
		karma.conf.js wdio.conf.ts stryker.conf.json typedoc.json .storybook/main.ts node_modules/a/index.js
		vendor/a.go a.xcworkspace/contents.txt magefile.go magefiles/a.go`
	seen := 0
	for name := range strings.FieldsSeq(running) {
		seen++
		for _, folder := range []string{"", "src/", "docs/deep/er/"} {
			for _, kind := range []plan.Kind{"", plan.Source, plan.Document} {
				for _, path := range []string{folder + name, folder + strings.ToUpper(name)} {
					if !(&plan.File{Path: path, Kind: kind, IsForeign: true}).IsPrivileged() {
						t.Errorf("%s as %q is not marked", path, kind)
					}
				}
			}
		}
		if (&plan.File{Path: name}).IsPrivileged() {
			t.Errorf("%s of the built-in pack is marked", name)
		}
	}
	if seen < 200 {
		t.Errorf("%d names were tried", seen)
	}
}

func TestOtherFilesArePrivilegedUnlessTheirPackSaysWhatTheyAre(t *testing.T) {
	for _, c := range []struct {
		path       string
		kind       plan.Kind
		executable bool
		want       bool
	}{
		{"src/index.ts", "", false, true},
		{"anything", "", false, true},
		{"README.md", "", false, true},
		{"src/index.ts", plan.Source, false, false},
		{"test/a.test.ts", plan.Source, false, false},
		{"src/handlers/config.ts", plan.Source, false, false},
		{"infra/stack.go", plan.Source, false, false},
		{"src/schema.json", plan.Source, false, false},
		{"src/index.ts", plan.Source, true, true},
		{"README.md", plan.Document, false, false},
		{"docs/runbooks/a.md", plan.Document, false, false},
		{"docs/picture.SVG", plan.Document, false, false},
		{"docs/picture.svg", plan.Document, true, true},
		{"docs/index.js", plan.Document, false, true},
		{"docs/run", plan.Document, false, true},
		{"docs/a.html", plan.Document, false, true},
		{"src/a\u2024b", plan.Source, false, false},
		{"\u2024vscode/tasks.json", plan.Source, false, true},
	} {
		file := &plan.File{Path: c.path, Kind: c.kind, Mode: 0o644, IsForeign: true}
		if c.executable {
			file.Mode = 0o755
		}
		if file.IsPrivileged() != c.want {
			t.Errorf("%s as %q with mode %v: marked is %v", c.path, c.kind, file.Mode, !c.want)
		}
	}
}
