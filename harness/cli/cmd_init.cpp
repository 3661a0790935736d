#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>

#include "base/endpoint.h"
#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/commands.h"
#include "console/output.h"
#include "init/running.h"
#include "init/target_text.h"
#include "process/interrupt.h"
#include "process/supervisor.h"
#include "process/sweep.h"
#include "scenario/target/target_file.h"
#include "service/requests.h"
#include "service/running_server.h"

namespace poolbench::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kScenarioFile = "poolbench.toml";
/// With a server that is asked once.
constexpr base::Duration kPatience = std::chrono::seconds(10);

struct InitOptions {
  std::string folder = ".";
  std::string url;  ///< empty: the folder is looked at
  bool allow_remote = false;
};

/// A file that is to be written.
struct NewFile {
  fs::path path;
  std::string text;
};

base::Result<void> check_folder(const fs::path& folder) {
  std::error_code ignored;
  if (fs::is_directory(folder, ignored)) return {};
  return base::bad_input("there is no folder " + folder.string(), folder.string(),
                         "name the folder of an application");
}

/// Nobody's file is overwritten.
base::Result<void> check_absent(const fs::path& file) {
  std::error_code ignored;
  if (!fs::exists(fs::symlink_status(file, ignored))) return {};
  return base::bad_input(file.string() + " is there already; nothing was written", file.string(),
                         "move it away to begin anew, or go on with: poolbench plan FILE");
}

/// The lines that need an edit, each with its place.
void show_edits(const NewFile& file) {
  std::istringstream lines(file.text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const std::size_t mark = line.find(init::kEditMark);
    if (mark != std::string::npos) {
      console::put("  {}:{}: {}\n", file.path.string(), number,
                   line.substr(mark + std::string_view(init::kEditMark).size() + 1));
    }
  }
}

/// As a shell takes it for one word.
std::string for_shell(const std::string& word) {
  const bool is_plain = std::ranges::all_of(word, [](const char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("/._-+:,=@%").find(c) != std::string_view::npos;
  });
  if (is_plain) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

void show(const init::Application& application, const std::array<NewFile, 2>& files) {
  if (application.kind.empty() && !application.url.empty()) {
    console::put("{} answers with status {}; no header tells what it is.\n", application.url,
                 application.status);
  } else if (!application.url.empty()) {
    console::put("{} answers with status {}. It was taken for {} ({}).\n", application.url,
                 application.status, application.kind, base::printable(application.seen.front()));
  } else if (application.kind.empty()) {
    console::put("This application was not recognised: what starts it is for you to write.\n");
  } else {
    console::put("It was taken for {} ({}).\n", application.kind,
                 fmt::join(application.seen, ", "));
  }
  for (const NewFile& file : files) console::put("wrote {}\n", file.path.string());
  console::put("\nTo look at and edit:\n");
  for (const NewFile& file : files) show_edits(file);
  const std::string scenario = for_shell(files.back().path.string());
  console::put(
      "\nThen:\n"
      "  poolbench plan {0}           what a run would do; checks both files\n"
      "  poolbench run --check {0}    starts every cell once and verifies its answer\n"
      "  poolbench run {0}            measures\n",
      scenario);
}

/// What a server that runs at this URL answers to GET /.
base::Result<init::Application> look_at_server(const std::string& text, bool allow_remote) {
  const auto url = base::parse_url(text);
  if (!url) return tl::unexpected(url.error());
  if (url->target != "/") {
    return base::bad_input(fmt::format("the URL has a path: {}", url->target), text,
                           "leave it out: endpoints in target.toml say what is asked for");
  }
  if (!allow_remote) {
    POOLBENCH_TRY(service::check_is_local(
        url->endpoint.host,
        "load may only be sent to a machine whose owner knows of it: if that is so, give "
        "--allow-remote"));
  }
  auto interrupt = process::Interrupt::install();
  if (!interrupt) return tl::unexpected(interrupt.error());
  const auto supervisor =
      process::Supervisor::create(*interrupt, process::make_run_id(base::SystemClock()));
  if (!supervisor) return tl::unexpected(supervisor.error());
  const base::HttpServer server{.endpoint = url->endpoint, .tls = url->tls};
  const auto answers = service::ask(**supervisor, {server, {service::HttpRequest{}}, kPatience});
  if (!answers) return tl::unexpected(answers.error());
  const service::Answer& answer = answers->front();
  if (!answer.failure.empty()) {
    return base::failed(answer.failure, text, "see that the server runs and listens there");
  }
  std::string place = base::to_text(server.url(""));
  init::Application found = init::look_at_answer(place, answer.status, answer.headers);
  found.allow_remote = allow_remote;
  return found;
}

int init_folder(const InitOptions& options) {
  std::error_code ignored;
  const fs::path folder = fs::path(options.folder).lexically_normal();
  if (const auto there = check_folder(folder); !there) return console::report_error(there.error());
  const std::string name = init::plain_name(fs::canonical(folder, ignored).filename().string());
  const auto place = [&](const char* file) {
    return folder == "." ? fs::path(file) : folder / file;
  };
  const fs::path target = place(scenario::kTargetFile), scenario = place(kScenarioFile);
  for (const fs::path& file : {target, scenario}) {
    if (const auto absent = check_absent(file); !absent)
      return console::report_error(absent.error());
  }
  const auto found = options.url.empty() ? init::look_at_application(folder)
                                         : look_at_server(options.url, options.allow_remote);
  if (!found) return console::report_error(found.error());
  const std::array<NewFile, 2> files{
      {{target, init::target_text(*found, name)}, {scenario, init::scenario_text(*found, name)}}};
  for (const NewFile& file : files) {
    const auto written = base::write_file_atomically(file.path, file.text);
    if (!written) return console::report_error(written.error());
  }
  show(*found, files);
  return console::kDone;
}

}  // namespace

void add_init_command(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "init", "Look at an application and write a target.toml and a first scenario beside it");
  auto options = std::make_shared<InitOptions>();
  command->add_option("folder", options->folder, "folder of the application")
      ->capture_default_str();
  auto* url = command->add_option(
      "--url", options->url,
      "look at a server that runs already, as in --url http://127.0.0.1:8000, instead of an "
      "application; the files are written into the folder");
  command
      ->add_flag("--allow-remote", options->allow_remote,
                 "the server may be on another machine, whose owner knows that it gets load")
      ->needs(url);
  command->footer(
      "Knows Django, FastAPI, Flask and other WSGI applications, Node.js, Go, and Procfiles. "
      "Nothing is overwritten.\n"
      "Examples:\n  poolbench init ../shop\n  poolbench init --url http://127.0.0.1:8000");
  command->callback([options, &exit_code] { exit_code = init_folder(*options); });
}

}  // namespace poolbench::cli
