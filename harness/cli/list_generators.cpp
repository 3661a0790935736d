#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "base/version.h"
#include "cli/lists.h"
#include "console/output.h"
#include "load/external/driver.h"
#include "process/sweep.h"
#include "run/resources.h"
#include "service/prepare.h"

namespace poolbench::cli {
namespace fs = std::filesystem;
namespace {

/// What a generator can be asked for beside a closed loop for a time.
std::string abilities(const scenario::Generator& generator) {
  std::string text;
  const auto add = [&](bool can, const char* what) {
    if (can) text += (text.empty() ? "" : ", ") + std::string(what);
  };
  add(generator.open_loop, "open loop");
  add(generator.exact_count, "count");
  add(generator.close, "close");
  add(generator.threads, "threads");
  add(generator.requests, "any request");
  add(generator.mixes, "mixes");
  add(generator.templates, "{nonce}");
  add(generator.unix_sockets, "unix socket");
  add(generator.verified_tls, "https");
  return text;
}

std::string words_of(const generator::Tags& tags) {
  return fmt::format("connect {}, {:g} µs{}{}, checks {}",
                     tags.includes_connect ? "included" : "excluded", tags.resolution_us,
                     tags.coordinated_omission == "backfilled" ? ", backfilled" : "",
                     tags.errors_in_latency ? ", errors among latencies" : "", tags.checks);
}

void print_generator(const scenario::Generator& generator, const load::Driver* driver,
                     const std::string& state) {
  console::put("{:<8} {}\n         can: {}\n         latencies: {}\n", generator.name, state,
               abilities(generator),
               words_of(driver == nullptr ? generator::kNativeTags : driver->tags));
}

std::string state_of(const load::Driver& driver, process::Supervisor& supervisor,
                     const fs::path& scratch) {
  const auto folder = service::tools_folder();
  if (load::find_program(driver, folder).empty()) {
    return fmt::format("not installed: tools/setup --generators {} ({})", driver.name,
                       driver.install);
  }
  const auto tool = load::identify(supervisor, driver, folder, scratch);
  if (!tool) return tool.error().message + "; " + tool.error().next;
  return fmt::format("{}  {}", tool->version, tool->program.string());
}

int list_generators() {
  auto interrupt = process::Interrupt::install();
  if (!interrupt) return console::report_error(interrupt.error());
  const base::SystemClock clock;
  const std::string run_id = process::make_run_id(clock);
  auto supervisor = process::Supervisor::create(*interrupt, run_id);
  if (!supervisor) return console::report_error(supervisor.error());
  const auto scratch = run::ScratchFolder::create(run_id);
  if (!scratch) return console::report_error(scratch.error());
  for (const scenario::Generator& generator : load::generators(service::tools_folder())) {
    const load::Driver* driver = load::find_driver(generator.name);
    print_generator(generator, driver,
                    driver == nullptr ? std::string(base::kVersion) + "  built in"
                                      : state_of(*driver, **supervisor, scratch->path()));
  }
  return console::kDone;
}

}  // namespace

void add_list_generators(CLI::App& list, int& exit_code) {
  auto* command = list.add_subcommand(
      "generators", "Load generators: installed or not, version, what they can do");
  command->footer("Example:\n  poolbench list generators");
  command->callback([&exit_code] { exit_code = list_generators(); });
}

}  // namespace poolbench::cli
