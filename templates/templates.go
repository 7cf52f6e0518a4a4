// Package templates is the built-in packs, one folder a platform, and the pack that new ones start as.
package templates

import "embed"

// FS holds the packs. The constructs in them are Go code of this module, which this package embeds and never imports.
//
//go:embed all:lambda all:starter
var FS embed.FS
