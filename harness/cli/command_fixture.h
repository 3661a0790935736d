#pragma once

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/temporary_folder_fixture.h"
#include "console/output.h"

namespace poolbench::cli {

/// Runs commands in this process, with a folder of its own for each test.
class CommandTest : public ::testing::Test {
 protected:
  using Add = void (*)(CLI::App&, int&);
  explicit CommandTest(std::vector<Add> commands) : commands_(std::move(commands)) {}

  /// The exit code; what was printed is in output_ and errors_.
  int run(const std::string& arguments) {
    CLI::App app;
    int exit_code = -1;
    for (const Add add : commands_) add(app, exit_code);
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    try {
      app.parse(arguments, false);
    } catch (const CLI::ParseError&) {
      exit_code = console::kBadUsage;
    }
    output_ = ::testing::internal::GetCapturedStdout();
    errors_ = ::testing::internal::GetCapturedStderr();
    return exit_code;
  }

  base::TemporaryFolder folder_;
  std::string output_, errors_;

 private:
  std::vector<Add> commands_;
};

}  // namespace poolbench::cli
