#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <system_error>

#include "base/file.h"
#include "base/text.h"
#include "scenario/target/target_data.h"
#include "scenario/target/target_params.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargestTemplate = std::uintmax_t{1} << 20U;
constexpr std::string_view kTemplateEnd = ".in";

std::string file_word(const std::string& name) { return "file." + name; }

/// The tables below [file]; none where it is no table.
std::vector<Setting::Member> file_tables(TableReader& top) {
  const Setting* files = top.any("file");
  return files == nullptr || !files->is_table() ? std::vector<Setting::Member>{} : files->members;
}

/// Where the first byte stands that is not part of well-formed UTF-8; nothing if all are.
std::optional<std::size_t> first_stray_byte(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto character = base::first_character(text.substr(at));
    if (!character) return at;
    at += character->bytes;
  }
  return std::nullopt;
}

/// Walks through a text from one place to a later one.
class PlaceWalk {
 public:
  explicit PlaceWalk(std::shared_ptr<const Source> source) : place_{std::move(source), 1, 1} {}

  const Place& to(std::size_t offset) {
    for (; at_ < offset; ++at_) {
      const char c = place_.source->text[at_];
      if (c == '\n') {
        ++place_.line;
        place_.column = 1;
      } else if (!base::continues_character(c)) {
        ++place_.column;
      }
    }
    return place_;
  }

 private:
  Place place_;
  std::size_t at_ = 0;
};

void check_placeholders_in(const std::shared_ptr<const Source>& source, const TemplateWords& words,
                           Mistakes& mistakes) {
  PlaceWalk walk(source);
  for (const base::Placeholder& found : base::Template(source->text).placeholders) {
    if (const auto wrong = wrong_placeholder(found, words.place, words.more, words.unfilled)) {
      mistakes.add(walk.to(found.offset), wrong->message, wrong->next);
    }
  }
}

/// The template's text; nothing, and a mistake, if it is none.
std::optional<std::string> read_template(TableReader& reader, const fs::path& file) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  const std::string place = fmt::format("it is looked for at {}", file.string());
  const auto refuse = [&](const std::string& what, const std::string& next) {
    reader.refuse("template", what, next);
    return std::nullopt;
  };
  if (!fs::exists(status)) return refuse("names no file", place);
  if (!fs::is_regular_file(status)) return refuse("names no plain file", place);
  const std::uintmax_t size = fs::file_size(file, error);
  if (!error && size > kLargestTemplate) {
    return refuse(fmt::format("names a file of {} bytes, more than {}", size, kLargestTemplate),
                  "a template is a file of settings");
  }
  auto text = base::read_file(file);
  if (!text) return refuse(fmt::format("cannot be read: {}", text.error().message), place);
  if (const auto stray = first_stray_byte(*text)) {
    return refuse(fmt::format("names a file that is not UTF-8: byte {}", *stray), place);
  }
  return *std::move(text);
}

/// How the result of a template is called; empty, and a mistake, if by nothing, or like another.
std::string result_name(TableReader& reader, const std::string& file,
                        const std::map<std::string, FileTemplate>& others) {
  std::string name = fs::path(file).filename().string();
  if (name.ends_with(kTemplateEnd)) name.resize(name.size() - kTemplateEnd.size());
  if (name.empty() || name == "." || name == "..") {
    reader.refuse("template", "leaves no name for the file",
                  "write \"server.ini.in\", for example");
    return {};
  }
  const auto same = std::ranges::find_if(
      others, [&](const auto& other) { return other.second.file_name == name; });
  if (same == others.end()) return name;
  reader.refuse(
      "template",
      fmt::format("makes a file {}, as {} does", in_quotes(name), path_below("file", same->first)),
      "give one of them another name");
  return {};
}

}  // namespace

base::OtherWords file_words(TableReader& top) {
  base::OtherWords words;
  for (const Setting::Member& member : file_tables(top)) {
    if (base::is_word(file_word(member.key))) words.push_back(file_word(member.key));
  }
  return words;
}

std::map<std::string, FileTemplate> read_files(TableReader& top, const fs::path& folder,
                                               const TemplateWords& words) {
  std::map<std::string, FileTemplate> files;
  static_cast<void>(top.table("file"));
  for (const Setting::Member& member : file_tables(top)) {
    const std::string path = path_below("file", member.key);
    TableReader reader(&member.value, path, member.key_place, top.mistakes());
    if (!base::is_word(file_word(member.key))) {
      top.mistakes().add(member.key_place,
                         fmt::format("{} cannot be written as a placeholder", path),
                         "use lower-case letters, digits and _");
    }
    const std::string name = reader.required_text("template");
    reader.refuse_unknown();
    if (name.empty()) {
      if (reader.has("template")) reader.refuse("template", "names no file");
      continue;
    }
    auto text = read_template(reader, folder / name);
    std::string file_name = result_name(reader, name, files);
    if (!text) continue;
    // As the user named target.toml, whose neighbour it is.
    const fs::path shown = fs::path(member.key_place.source->name).parent_path() / name;
    check_placeholders_in(std::make_shared<const Source>(Source{shown.string(), *text, false}),
                          words, top.mistakes());
    std::string sha256 = base::sha256_hex(*text);
    files[member.key] = {std::move(file_name), *std::move(text), std::move(sha256)};
  }
  return files;
}

}  // namespace poolbench::scenario
