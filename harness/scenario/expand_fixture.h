#pragma once

#include <memory>
#include <string>
#include <vector>

#include "scenario/scenario.h"
#include "scenario/target/target_file.h"

namespace poolbench::scenario {

inline std::string testdata() { return POOLBENCH_SOURCE_DIR "/harness/scenario/testdata"; }

inline std::shared_ptr<const Source> source_of(std::string text) {
  return std::make_shared<const Source>(Source{"t.toml", std::move(text), false});
}

/// Generators that can do everything, but for ab, which offers no rate.
inline Generators all_generators() {
  Generators all;
  for (const char* name : {"native", "oha", "wrk", "ab", "hey", "k6", "vegeta", "h2load"}) {
    all.push_back({.name = name,
                   .open_loop = true,
                   .exact_count = true,
                   .close = true,
                   .threads = true,
                   .any_time = true,
                   .short_time = true,
                   .templates = true,
                   .requests = true,
                   .mixes = true,
                   .clients = true,
                   .expects_headers = true,
                   .tells_endpoints = true,
                   .unix_sockets = true,
                   .verified_tls = true});
    all.back().open_loop = all.back().name != "ab";
  }
  return all;
}

/// The same, but oha is not installed.
inline Generators without_oha() {
  Generators all = all_generators();
  for (Generator& generator : all) generator.is_installed = generator.name != "oha";
  return all;
}

/// Expands a text with the targets of testdata/targets ("web").
inline tl::expected<Scenario, std::vector<Diagnostic>> expand_text(
    const std::string& text, const Overrides& overrides = {},
    const Generators& generators = all_generators()) {
  TargetLookup targets(testdata());
  return expand(
      source_of(text), generators, overrides,
      [&](const Setting& use, Mistakes& mistakes) { return targets.find(use, mistakes); });
}

/// The same below the lines that every scenario has: schema, name, target.
inline tl::expected<Scenario, std::vector<Diagnostic>> expand_body(
    const std::string& body, const Overrides& overrides = {},
    const Generators& generators = all_generators()) {
  return expand_text("schema = 1\nname = \"t\"\ntarget.use = \"web\"\n" + body, overrides,
                     generators);
}

/// "line:column message" of each mistake; empty if there is none.
inline std::vector<std::string> mistakes_in(
    const tl::expected<Scenario, std::vector<Diagnostic>>& result) {
  std::vector<std::string> lines;
  if (result) return lines;
  for (const Diagnostic& d : result.error()) {
    lines.push_back(std::to_string(d.line) + ":" + std::to_string(d.column) + " " + d.message);
  }
  return lines;
}

inline std::vector<std::string> ids_of(const Scenario& scenario) {
  std::vector<std::string> ids;
  for (const Cell& cell : scenario.cells) ids.push_back(cell.id);
  return ids;
}

}  // namespace poolbench::scenario
