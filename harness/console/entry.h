#pragma once

namespace CLI {
class App;
}

namespace poolbench::console {

/// A program of ours.
struct Entry {
  const char* name;
  const char* summary;
  /// Adds what it can do to its command line; callbacks leave the exit code there. Where there are
  /// subcommands, one must be named.
  void (*add_commands)(CLI::App& app, int& exit_code);
};

/// All that main does: reads the command line and does what it says. Returns the exit code of the
/// process. No exception leaves it: what nobody foresaw ends services and scratch folders on its
/// way here, and is told as an error.
int enter(const Entry& entry, int argc, char** argv);

}  // namespace poolbench::console
