#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "base/file.h"
#include "scenario/target/program_reading.h"
#include "scenario/target/target_file.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {
namespace {

namespace fs = std::filesystem;

/// What to do about a name that does not exist: the nearest one, and all there are.
std::string names_to_choose(const std::string& word, const fs::path& folder, const char* file) {
  const std::vector<std::string> names = declared_in(folder, file);
  if (names.empty()) return fmt::format("there are none in {}", folder.string());
  const std::string near = suggestion(word, names);
  const std::string all = suggestion("", names);
  return near == all ? all : fmt::format("{} {}", near, all);
}

bool is_unknown(const fs::file_status& status) {
  return status.type() == fs::file_type::none || status.type() == fs::file_type::unknown;
}

tl::unexpected<base::Error> cannot_look(const fs::path& path, const std::error_code& error) {
  return base::bad_input(fmt::format("cannot be read: {}", error.message()), path.string());
}

class Listing {
 public:
  explicit Listing(fs::path root) : root_(std::move(root)) {}

  base::Result<InputFiles> list(const fs::path& input) {
    std::error_code error;
    const fs::file_status status = fs::status(input, error);
    if (is_unknown(status)) return cannot_look(input, error);
    if (!fs::exists(status)) {
      return base::bad_input("there is no such file or folder", input.string());
    }
    if (fs::is_directory(status)) {
      POOLBENCH_TRY(add_folder(input));
    } else if (fs::is_regular_file(status)) {
      files_[input] = "";
    } else {
      return base::bad_input("is neither a plain file nor a folder", input.string());
    }
    if (files_.empty()) return base::bad_input("there is no file in it", input.string());
    return std::move(files_);
  }

 private:
  /// In the order of names, so that of two links to one folder the same comes first every time.
  base::Result<void> add_folder(const fs::path& folder) {
    std::error_code error;
    const fs::path real = fs::canonical(folder, error);
    if (const auto seen = seen_.find(real); !error && seen != seen_.end()) {
      files_[folder] = "listed as " + seen->second.lexically_relative(root_).string();
      return {};
    }
    seen_[real] = folder;
    std::vector<fs::path> entries;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      entries.push_back(at->path());
    }
    if (error) {
      return cannot_look(folder, error);
    }
    std::ranges::sort(entries);
    for (const fs::path& entry : entries) POOLBENCH_TRY(add(entry));
    return {};
  }

  base::Result<void> add(const fs::path& entry) {
    std::error_code error;
    const fs::file_status status = fs::status(entry, error);
    if (fs::is_directory(status)) return add_folder(entry);
    const bool byte_code = entry.parent_path().filename() == "__pycache__";
    if (fs::is_regular_file(status)) {
      if (!byte_code) files_[entry] = "";
    } else if (std::error_code ignored; fs::is_symlink(entry, ignored) && !fs::is_other(status)) {
      files_[entry] = "leads to " + fs::read_symlink(entry, ignored).string();
    } else if (is_unknown(status)) {
      return cannot_look(entry, error);
    }
    return {};
  }

  fs::path root_;
  InputFiles files_;
  std::map<fs::path, fs::path> seen_;  ///< folders that were listed: how, by their real paths
};

}  // namespace

std::vector<std::string> declared_in(const fs::path& folder, const char* file) {
  std::vector<std::string> names;
  for (const fs::path& entry : base::entries_of(folder).value_or(std::vector<fs::path>{})) {
    std::error_code ignored;
    if (fs::is_regular_file(entry / file, ignored)) names.push_back(entry.filename().string());
  }
  return names;
}

TargetLookup::TargetLookup(fs::path scenario_folder) : folder_(std::move(scenario_folder)) {}

std::shared_ptr<const TargetSpec> TargetLookup::find(const Setting& use, Mistakes& mistakes) {
  const auto known = loaded_.find(use.text());
  if (known != loaded_.end()) return known->second;
  return loaded_[use.text()] = load(use, mistakes);
}

std::shared_ptr<const TargetSpec> TargetLookup::load(const Setting& use, Mistakes& mistakes) const {
  const auto found = find_declaration(
      folder_, {"target.use", "target", "targets", kTargetFile, use.text(), use.place}, mistakes);
  if (!found) return nullptr;
  std::optional<TargetSpec> spec = read_target(found->source, found->folder, mistakes);
  return spec ? std::make_shared<const TargetSpec>(*std::move(spec)) : nullptr;
}

std::optional<Declaration> find_declaration(const fs::path& scenario_folder,
                                            const DeclarationWanted& wanted, Mistakes& mistakes) {
  const std::string& word = wanted.word;
  const bool is_path = word.find('/') != std::string::npos || word.ends_with(".toml");
  fs::path file =
      is_path ? scenario_folder / word : scenario_folder / wanted.folder / word / wanted.file;
  std::error_code ignored;
  if (fs::is_directory(file, ignored)) file /= wanted.file;
  if (!fs::exists(file, ignored)) {
    mistakes.add(wanted.place,
                 is_path
                     ? fmt::format("{}: there is no {}", wanted.said, file.string())
                     : fmt::format("{}: unknown {} {}", wanted.said, wanted.kind, in_quotes(word)),
                 is_path ? "a path is taken from the scenario's folder"
                         : names_to_choose(word, scenario_folder / wanted.folder, wanted.file));
    return std::nullopt;
  }
  base::Result<std::string> text = base::read_file(file);
  if (!text) {
    mistakes.add(wanted.place, fmt::format("{}: {}", wanted.said, text.error().message),
                 text.error().next);
    return std::nullopt;
  }
  return Declaration{std::make_shared<const Source>(Source{file.string(), *std::move(text), false}),
                     fs::absolute(file, ignored).parent_path().lexically_normal()};
}

base::Result<InputFiles> input_files(const fs::path& folder, const std::string& input) {
  return Listing(folder).list(folder / input);
}

}  // namespace poolbench::scenario
