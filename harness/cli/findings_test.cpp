#include <gmock/gmock.h>

#include <sstream>

#include "base/file.h"
#include "base/text.h"
#include "cli/command_fixture.h"
#include "cli/commands.h"

// docs/findings.md quotes the reports of results/baselines/: what it quotes is what they hold.

namespace poolbench::cli {
namespace {

namespace fs = std::filesystem;

/// The words of a line, with one blank between: how wide the columns of a table are is no finding.
std::string words_of(const std::string& line) {
  std::istringstream stream(line);
  std::string words, word;
  while (stream >> word) words += (words.empty() ? "" : " ") + word;
  return words;
}

std::vector<std::string> lines_in_words(const std::string& text) {
  std::vector<std::string> lines;
  for (const std::string& line : base::lines_of(text)) lines.push_back(words_of(line));
  return lines;
}

class FindingsTest : public CommandTest {
 protected:
  FindingsTest() : CommandTest({add_show_command, add_verify_command}) {}

  const fs::path root_ = POOLBENCH_SOURCE_DIR;
};

TEST_F(FindingsTest, EveryReportThatIsKeptAgreesWithItself) {
  int reports = 0;
  for (const auto& entry : fs::recursive_directory_iterator(root_ / "results/baselines")) {
    if (entry.path().extension() != ".json") continue;
    EXPECT_EQ(run("verify " + entry.path().string()), console::kDone) << output_ << errors_;
    ++reports;
  }
  EXPECT_GT(reports, 0);
}

TEST_F(FindingsTest, WhatIsQuotedIsWhatTheReportsHold) {
  const std::string page = base::read_file(root_ / "docs/findings.md").value();
  const std::string command = "$ poolbench show results/";
  bool quoting = false;
  std::string report;
  std::vector<std::string> shown;
  int quoted = 0;
  for (const std::string& line : lines_in_words(page)) {
    if (line.starts_with("```")) {
      quoting = !quoting;
      report.clear();
    } else if (quoting && line.starts_with(command)) {
      report = line.substr(command.size());
      ASSERT_EQ(run("show " + (root_ / "results" / report).string()), console::kDone) << errors_;
      shown = lines_in_words(output_);
    } else if (quoting && !report.empty() && !line.empty()) {
      EXPECT_THAT(shown, ::testing::Contains(line)) << "of " << report;
      ++quoted;
    }
  }
  EXPECT_GT(quoted, 0);
}

}  // namespace
}  // namespace poolbench::cli
