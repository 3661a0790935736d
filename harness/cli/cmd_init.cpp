#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <array>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>

#include "base/file.h"
#include "cli/commands.h"
#include "console/output.h"
#include "init/target_text.h"
#include "scenario/target/target_file.h"

namespace poolbench::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kScenarioFile = "poolbench.toml";

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

void show(const init::Application& application, const std::array<NewFile, 2>& files) {
  if (application.kind.empty()) {
    console::put("This application was not recognised: what starts it is for you to write.\n");
  } else {
    console::put("It was taken for {} ({}).\n", application.kind,
                 fmt::join(application.seen, ", "));
  }
  for (const NewFile& file : files) console::put("wrote {}\n", file.path.string());
  console::put("\nTo look at and edit:\n");
  for (const NewFile& file : files) show_edits(file);
  const std::string scenario = files.back().path.string();
  console::put(
      "\nThen:\n"
      "  poolbench plan {0}           what a run would do; checks both files\n"
      "  poolbench run --check {0}    starts every cell once and verifies its answer\n"
      "  poolbench run {0}            measures\n",
      scenario);
}

int init_folder(const fs::path& named) {
  std::error_code ignored;
  const fs::path folder = named.lexically_normal();
  if (const auto there = check_folder(folder); !there) return console::report_error(there.error());
  const init::Application application = init::look_at_application(folder);
  const std::string name = init::plain_name(fs::canonical(folder, ignored).filename().string());
  const auto place = [&](const char* file) {
    return folder == "." ? fs::path(file) : folder / file;
  };
  const std::array<NewFile, 2> files{
      {{place(scenario::kTargetFile), init::target_text(application, name)},
       {place(kScenarioFile), init::scenario_text(application, name)}}};
  for (const NewFile& file : files) {
    if (const auto absent = check_absent(file.path); !absent)
      return console::report_error(absent.error());
  }
  for (const NewFile& file : files) {
    const auto written = base::write_file_atomically(file.path, file.text);
    if (!written) return console::report_error(written.error());
  }
  show(application, files);
  return console::kDone;
}

}  // namespace

void add_init_command(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "init", "Look at an application and write a target.toml and a first scenario beside it");
  auto folder = std::make_shared<std::string>(".");
  command->add_option("folder", *folder, "folder of the application")->capture_default_str();
  command->footer(
      "Knows Django, FastAPI, Flask and other WSGI applications, Node.js, Go, and Procfiles. "
      "Nothing is overwritten.\n"
      "Example:\n  poolbench init ../shop");
  command->callback([folder, &exit_code] { exit_code = init_folder(*folder); });
}

}  // namespace poolbench::cli
