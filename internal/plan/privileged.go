package plan

import (
	"path"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Kind is what a pack calls a file, in the rule of its manifest that gives the file an owner.
type Kind string

// The kinds of files. A file of neither has the empty kind.
const (
	// Source files are code that runs when somebody starts it.
	Source Kind = "source"
	// Document files are read by people.
	Document Kind = "document"
)

// IsPrivileged reports whether a file of a pack that is not built in may make something run, or may tell an agent what
// to do, without anybody starting it by its name: CI, hooks, editors, agents, package managers, shells.
//
// Nobody can list all such files. Every file is therefore privileged unless its pack calls it a source or a document,
// and some are whatever the pack calls them: executables, names that begin with a dot, what is known to run by itself,
// and "documents" that have no ending of one.
func (f *File) IsPrivileged() bool {
	if !f.IsForeign {
		return false
	}
	if f.Mode&0o111 != 0 {
		return true
	}
	folder, name := path.Split(fold(norm.NFKD, f.Path))
	for part := range strings.SplitSeq(folder, "/") {
		if strings.HasPrefix(part, ".") || matchesAny(runningFolders, part) {
			return true
		}
	}
	if strings.HasPrefix(name, ".") || matchesAny(runningNames, name) {
		return true
	}
	return f.Kind != Source && (f.Kind != Document || !slices.Contains(documentEndings, path.Ext(name)))
}

// matchesAny reports whether one of the patterns matches a name.
func matchesAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		ok, err := path.Match(pattern, name)
		return ok && err == nil
	})
}

// documentEndings is the endings of what is read by people.
var documentEndings = strings.Fields( //nolint:gochecknoglobals // immutable table
	`
	.md .markdown .txt .text .adoc .asciidoc .rst .csv .tsv .pdf .svg .png .jpg .jpeg .gif .webp .avif .drawio
	.excalidraw .mmd .puml .plantuml .dot`)

// runningFolders is patterns of folders in which nothing is only a source or only a document, folded.
var runningFolders = strings.Fields( //nolint:gochecknoglobals // immutable table
	`
	node_modules bower_components site-packages __pycache__ vendor githooks git-hooks husky buildsrc magefiles
	patches gradle *.xcworkspace *.xcodeproj *.app *.egg-info *.dist-info`)

// runningNames is patterns of files that run or steer something by themselves, wherever they are, folded.
var runningNames = strings.Fields( //nolint:gochecknoglobals // immutable table
	`
	agent.md agents.md agents.*.md claude.md claude.*.md gemini.md qwen.md crush.md warp.md copilot.md
	copilot-instructions.md knowledge.md replit.md skill.md llms*.txt *.instructions.md *.prompt.md *.chatmode.md
	*.agent.md opencode.json* crush.json mcp.json mcp.*.json mcp_config.json *.mdc

	*.code-workspace *.sublime-* *.iml *.ipr *.iws *.vim *.el *.xcscheme *.pbxproj *.kak desktop.ini autorun.inf
	*.desktop *.lnk *.url *.webloc *.scf *.library-ms *.reg *.inf

	*.sh *.bash *.zsh *.fish *.csh *.nu *.ps1 *.psm1 *.psd1 *.bat *.cmd *.com *.exe *.dll *.msi *.scr *.cpl *.so
	*.so.* *.dylib *.node *.jar *.war *.vbs *.vbe *.jse *.wsf *.wsh *.hta *.command *.tool *.applescript *.scpt
	*.workflow *.wasm

	package.json package-lock.json npm-shrinkwrap.json pnpm-*.yaml pnpm-*.yml yarn.lock bun.lock* bunfig.toml
	deno.json* deno.lock jsr.json lerna.json nx.json project.json turbo.json* rush.json moon.yml angular.json
	nest-cli.json nodemon.json tsconfig*.json jsconfig*.json tslint.json typedoc.json biome.json* dprint.json*
	*.config.* *.conf.js *.conf.ts *.conf.cjs *.conf.mjs *.setup.* *.workspace.* *.pnp.* webpack.* gulpfile*
	gruntfile* jakefile* cakefile knexfile.* ormconfig* pm2.* cypress.json ember-cli-build.js gatsby-*.* husky.*
	lint-staged.* lintstaged* commitlint.* simple-git-hooks.* lefthook* overcommit.* pre-commit* pre-push*
	post-checkout post-merge commit-msg renovate.json* dependabot.yml stryker.* api-extractor.json

	makefile* gnumakefile* bsdmakefile* *.mk *.mak *.make cmakelists.txt *.cmake cmake*presets.json meson.build
	meson_options.txt meson.options sconstruct sconscript wscript configure configure.* *.ninja build build.*
	workspace workspace.* module.bazel *.bzl *.bazel buck justfile* *.just taskfile* rakefile* *.rake gemfile*
	*.gemspec guardfile fastfile appfile podfile* cartfile brewfile vagrantfile thorfile capfile dangerfile*
	procfile* earthfile tiltfile skaffold.y*ml devspace.y*ml magefile.go mage.go *.gradle *.gradle.kts
	gradle.properties gradlew* mvnw* pom.xml ivy.xml *.sbt project.clj deps.edn bb.edn shadow-cljs.edn mix.exs
	mix.lock rebar.* *.csproj *.fsproj *.vbproj *.vcxproj* *.sln *.slnx *.proj *.props *.targets *.rsp *.ruleset
	nuget.config packages.config global.json *.runsettings paket.* *.cake *.fsx *.csx cargo.toml cargo.lock
	rust-toolchain* clippy.toml rustfmt.toml package.swift package.resolved composer.json composer.lock stack.y*ml
	*.cabal cabal.project* setup.hs dune dune-* *.opam shard.yml shard.lock pubspec.* project.toml manifest.toml
	go.mod go.sum go.work*

	setup.py setup.cfg pyproject.toml conftest.py sitecustomize.py usercustomize.py *.pth tox.ini noxfile.py
	pytest.ini fabfile.py tasks.py dodo.py requirements*.txt requirements*.in constraints*.txt pipfile* poetry.lock
	uv.lock uv.toml pdm.lock hatch.* ruff.toml mypy.ini pylintrc environment.y*ml conda*.y*ml pixi.* buildout.cfg
	jupyter_*.py ipython_config.py gunicorn.conf.py *.ipynb

	jenkinsfile* *.jenkinsfile bitbucket-pipelines.y*ml azure-pipelines* azure-pipeline* buildspec* appspec.*
	cloudbuild* appveyor.* codemagic.y*ml codeship-* wercker.y*ml bitrise.y*ml dagger.json dagger.cue pipeline.y*ml
	action.y*ml codeowners sonar-project.properties netlify.toml vercel.json now.json fly.toml render.y*ml
	railway.json railway.toml heroku.yml app.y*ml app.json wrangler.json* wrangler.toml firebase.json amplify.y*ml
	samconfig.* template.y*ml serverless.* cdk.json cdk.context.json cdktf.json pulumi*.y*ml *.tf *.tf.json
	*.tfvars* *.hcl *.tofu *.bicep *.pkr.* azure.y*ml docker-compose* compose*.y*ml dockerfile* *.dockerfile
	containerfile* docker-bake.* helmfile.* kustomization.y*ml chart.y*ml devcontainer.json devfile.y*ml flake.*
	*.nix devbox.* devenv.* mise.toml mise.*.toml mise.lock garden.y*ml *.plist *.service *.timer crontab
	ansible.cfg web.config`)
