#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/placeholder.h"
#include "scenario/target/program_spec.h"
#include "scenario/target/target_params.h"
#include "scenario/toml/reader.h"

// What a target.toml and a service.toml say alike is read by the same functions.

namespace poolbench::scenario {

/// Names of the folders of `folder` that hold such a file, target.toml say, sorted; empty if it
/// cannot be read.
std::vector<std::string> declared_in(const std::filesystem::path& folder, const char* file);

/// A file of targets/ or services/ that somebody names.
struct DeclarationWanted {
  std::string said;    ///< by which setting: "target.use"
  const char* kind;    ///< "target"
  const char* folder;  ///< "targets", in the scenario's folder
  const char* file;    ///< "target.toml"
  /// The name of a folder there; what holds a '/' or ends in ".toml" is a path from the scenario's
  /// folder (a folder means its file).
  std::string word;
  Place place;
};
struct Declaration {
  std::shared_ptr<const Source> source;
  std::filesystem::path folder;  ///< absolute
};
/// Finds and reads it. Nothing, and a mistake, where it cannot be read.
std::optional<Declaration> find_declaration(const std::filesystem::path& scenario_folder,
                                            const DeclarationWanted& wanted, Mistakes& mistakes);

/// A table of the file, read with the whole file's reader as its parent.
TableReader table_below(TableReader& top, std::string_view key);

/// Name, summary and inherit of a file that stands in `folder`.
void read_head(TableReader& top, const std::filesystem::path& folder, ProgramSpec& spec);

/// The list `inherit`.
std::vector<std::string> read_inherit(TableReader& top);

/// The table [prepare].
ProgramSpec::Prepare read_prepare(TableReader& top, const std::filesystem::path& folder);

/// The command of the table [versions].
std::vector<std::string> read_versions(TableReader& top, const base::OtherWords& words = {});

/// The required list `command`: a program and its arguments, which may hold `words` beside those
/// that the place knows, of which nothing fills the `unfilled` ones.
std::vector<std::string> required_command(TableReader& reader, base::TextPlace place,
                                          const base::OtherWords& words = {},
                                          const std::vector<UnfilledWord>& unfilled = {});

/// What the texts of [serve] may hold.
struct StartWords {
  base::TextPlace command, environment;
  base::OtherWords words;              ///< beside those that the places know
  std::vector<UnfilledWord> unfilled;  ///< of those that the places know
};

/// The members of [serve] that every program has, all but its folder.
void read_start(TableReader& reader, const StartWords& words, ProgramSpec::Serve& serve);

/// Whether [serve] says that its program listens on a unix socket; known before it is read.
bool listens_on_unix_socket(TableReader& top);

/// {socket}, which stands for nothing where a program listens on a port.
UnfilledWord no_socket_word();

}  // namespace poolbench::scenario
