// Any bytes as a scenario file, as --set and --only words, and as a target file. What follows a NUL
// byte is a command-line word: --set and --only in turn.

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>

#include "scenario/scenario.h"
#include "scenario/target/target_file.h"

namespace poolbench::scenario {
namespace {

constexpr const char* kTarget = R"(
schema = 2
name = "web"
default_endpoint = "query"
[params.workers]
type = "integer"
default = 2
min = 1
max = 64
argument = ["--workers", "{value}"]
[params.pool]
type = ["boolean", "table"]
default = false
environment = "POOL"
[params.conn_max_age]
type = ["integer", "string"]
default = 0
environment = "AGE"
[[rule]]
when = { pool = { not = false }, conn_max_age = { not = 0 } }
message = "impossible"
[serve]
command = ["serve"]
[endpoint.query]
path = "/"
[endpoint.no-db]
path = "/no-db"
)";

std::shared_ptr<const Source> source_of(std::string name, std::string text) {
  return std::make_shared<const Source>(Source{std::move(name), std::move(text), false});
}

std::shared_ptr<const TargetSpec> stub_target() {
  Mistakes mistakes;
  auto spec = read_target(source_of("target.toml", kTarget), "/target", mistakes);
  if (!spec) std::abort();
  return std::make_shared<const TargetSpec>(*std::move(spec));
}

void check_diagnostics(const std::vector<Diagnostic>& diagnostics) {
  if (diagnostics.empty()) std::abort();
  for (const Diagnostic& d : diagnostics) {
    const bool placed = d.line > 0 && d.column > 0;
    if (d.message.empty() || (!placed && !d.file.starts_with("--"))) std::abort();
  }
  if (to_text(diagnostics).empty()) std::abort();
}

void check_scenario(const Scenario& scenario) {
  if (scenario.cells.empty()) std::abort();
  std::set<std::string> ids;
  for (const Cell& cell : scenario.cells) {
    if (!ids.insert(cell.id).second || cell.target.spec == nullptr) std::abort();
    if (cell.config.dump().empty()) std::abort();
  }
  if (scenario.effective.dump().empty()) std::abort();
}

}  // namespace

void fuzz_one(const std::string& bytes) {
  static const std::shared_ptr<const TargetSpec> target = stub_target();
  std::string text = bytes.substr(0, bytes.find('\0'));
  Overrides overrides;
  for (std::size_t begin = text.size(), words = 0; begin < bytes.size() && words < 8; ++words) {
    const std::size_t end = std::min(bytes.find('\0', begin + 1), bytes.size());
    auto& list = words % 2 == 0 ? overrides.set : overrides.only;
    list.push_back(bytes.substr(begin + 1, end - begin - 1));
    begin = end;
  }
  const auto scenario =
      expand(source_of("scenario.toml", text), {{.name = "native"}, {.name = "ab"}}, overrides,
             [](const Setting&, Mistakes&) { return target; });
  if (scenario) {
    check_scenario(*scenario);
  } else {
    check_diagnostics(scenario.error());
  }
  Mistakes mistakes;
  const auto read = read_target(source_of("target.toml", text), "/target", mistakes);
  if (!read) check_diagnostics(mistakes.in_order());
}

}  // namespace poolbench::scenario

// The name is libFuzzer's.
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  poolbench::scenario::fuzz_one(std::string(data, data + size));
  return 0;
}
