package main

import (
	"encoding/json"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
)

// app is a hash of the sources, which the build sets: the application has no releases.
var app = "unknown"

// printVersions prints what may explain a difference between two reports, as a JSON object.
func printVersions() {
	versions := map[string]string{"go": strings.TrimPrefix(runtime.Version(), "go"), "app": app}
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, module := range build.Deps {
			if module.Path == "github.com/jackc/pgx/v5" {
				versions["pgx"] = strings.TrimPrefix(module.Version, "v")
			}
		}
	}
	json.NewEncoder(os.Stdout).Encode(versions)
}
