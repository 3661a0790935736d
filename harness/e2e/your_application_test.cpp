// docs/your-application.md as written: applications that know nothing of poolbench, brought to
// their tables with the commands and edits of the document.
#include <fmt/format.h>

#include <regex>
#include <set>
#include <sstream>

#include "base/file.h"
#include "e2e/fixture.h"
#include "process/launch.h"

namespace poolbench::e2e {
namespace {

/// An application of testdata/applications/.
struct Brought {
  const char* name;
  const char* kind;     ///< as `init` calls it
  const char* section;  ///< of the document, as its heading begins
  std::vector<const char*> toolchain;
  friend std::ostream& operator<<(std::ostream& stream, const Brought& application) {
    return stream << application.name;
  }
};

std::string document() {
  return base::read_file(fs::path(POOLBENCH_SOURCE_DIR) / "docs/your-application.md").value_or("");
}

/// What stands below a heading, up to the next.
std::string section_of(const std::string& heading) {
  const std::string text = document();
  const std::size_t begin = text.find("\n## " + heading);
  EXPECT_NE(begin, std::string::npos) << heading;
  return text.substr(begin + 1, text.find("\n## ", begin + 1) - begin);
}

/// The texts between ```LANGUAGE and ```.
std::vector<std::string> blocks_in(const std::string& section, const std::string& language) {
  std::vector<std::string> blocks;
  bool is_inside = false;
  std::istringstream lines(section);
  std::string opened, block;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("```")) {
      if (is_inside) block += line + "\n";
    } else if (is_inside) {
      if (opened == language) blocks.push_back(block);
      is_inside = false;
    } else {
      opened = line.substr(3);
      block.clear();
      is_inside = true;
    }
  }
  return blocks;
}

/// The words of each `poolbench …` of the text, without the first.
std::vector<std::vector<std::string>> commands_in(const std::string& section) {
  std::vector<std::vector<std::string>> commands;
  const std::regex command("`poolbench ([^`\n]+)`");
  for (std::sregex_iterator at(section.begin(), section.end(), command), end; at != end; ++at) {
    std::istringstream stream((*at)[1]);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    commands.push_back(words);
  }
  return commands;
}

/// Where an entry that begins at `at` ends: its brackets may stretch over several lines.
std::size_t end_of_entry(const std::string& text, std::size_t at) {
  int open = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '[' || text[at] == '{') ++open;
    if (text[at] == ']' || text[at] == '}') --open;
    if (text[at] == '\n' && open == 0) return at + 1;
  }
  return at;
}

/// Puts an entry in the place of the one with its key in the table, or at the table's beginning.
std::string with_entry(std::string text, const std::string& table, const std::string& entry) {
  const std::size_t header = text.find("\n" + table + "\n");
  EXPECT_NE(header, std::string::npos) << "no " << table << " in " << text;
  if (header == std::string::npos) return text;
  const std::size_t begin = header + table.size() + 2;
  const std::size_t end = text.find("\n[", begin);
  const std::string key = "\n" + entry.substr(0, entry.find_first_of(" ."));
  const std::size_t at = text.find(key, begin - 1);
  if (at >= end) return text.insert(begin, entry);
  return text.replace(at + 1, end_of_entry(text, at + 1) - at - 1, entry);
}

/// The text with the entries of a block of TOML.
std::string edited(std::string text, const std::string& block) {
  std::string table;
  for (std::size_t at = 0; at < block.size();) {
    const std::size_t end = end_of_entry(block, at);
    const std::string entry = block.substr(at, end - at);
    at = end;
    if (entry.starts_with('[')) {
      table = entry.substr(0, entry.size() - 1);
    } else if (entry != "\n") {
      text = with_entry(text, table, entry);
    }
  }
  return text;
}

/// How many lines of `after` are not lines of `before`.
std::ptrdiff_t lines_edited(const std::string& before, const std::string& after) {
  std::set<std::string> known;
  std::istringstream lines(before);
  for (std::string line; std::getline(lines, line);) known.insert(line);
  std::ptrdiff_t edits = 0;
  lines = std::istringstream(after);
  for (std::string line; std::getline(lines, line);) edits += known.contains(line) ? 0 : 1;
  return edits;
}

class YourApplicationTest : public E2eTest, public testing::WithParamInterface<Brought> {
 protected:
  void SetUp() override {
    for (const char* program : GetParam().toolchain) {
      if (process::find_program(program).empty()) {
        GTEST_SKIP() << "there is no " << program << " in PATH";
      }
    }
    const std::string first = section_of("FastAPI");
    commands_ = commands_in(first);
    ASSERT_EQ(commands_.size(), 3U) << "init, run --check and run";
    const auto schema = blocks_in(first, "sql");
    ASSERT_EQ(schema.size(), 1U);
    fs::copy(fs::path(POOLBENCH_SOURCE_DIR) / "harness/e2e/testdata/applications" / GetParam().name,
             folder_ / "shop", fs::copy_options::recursive);
    ASSERT_TRUE(base::write_file_atomically(folder_ / "shop/schema.sql", schema.front()));
    fs::permissions(folder_ / "shop/schema.sql", fs::perms(0644));
    read_edits(blocks_in(first, "toml"), blocks_in(section_of(GetParam().section), "toml"));
  }

  /// What the document says of FastAPI holds for all, unless theirs says more.
  void read_edits(const std::vector<std::string>& first, const std::vector<std::string>& own) {
    ASSERT_EQ(first.size(), 3U);
    edits_ = first[0];
    order_ = first[1];
    mix_ = first[2];
    if (std::string_view(GetParam().name) != "django") return;
    ASSERT_EQ(own.size(), 2U);
    user_ = own[0];
    order_ = own[1];
  }
  [[nodiscard]] fs::path file(const char* name) const { return folder_ / "shop" / name; }
  [[nodiscard]] std::string text(const char* name) const {
    return base::read_file(file(name)).value_or("");
  }
  void write(const char* name, const std::string& text) const {
    ASSERT_TRUE(base::write_file_atomically(file(name), text));
  }
  /// The command of the document with options that make it short.
  base::Json measured(const std::vector<std::string>& command, std::string& summary) {
    std::vector<std::string> words = command;
    fs::remove_all(results());
    for (const char* more :
         {"--blocks", "1", "--measure", "300ms", "--set", "load.warmup=50ms", "--out"}) {
      words.emplace_back(more);
    }
    words.push_back(results().string());
    Program program = start(words);
    program.wait(kWithPreparation);
    summary = program.out();
    EXPECT_EQ(report().at("outcome"), "completed") << program.err();
    return report().at("cells").at(0).at("trials").back();
  }

  static constexpr std::chrono::seconds kWithPreparation{600};
  std::vector<std::vector<std::string>> commands_;
  std::string edits_, user_, order_, mix_;
};

TEST_P(YourApplicationTest, ComesToItsTableWithThreeLinesEdited) {
  Program init = start(commands_[0]);
  ASSERT_EQ(init.wait(), exited(0)) << init.err();
  EXPECT_THAT(init.out(), HasSubstr(std::string("taken for ") + GetParam().kind));
  if (std::string_view(GetParam().name) == "fastapi") {
    EXPECT_THAT(init.out(), testing::StartsWith(blocks_in(section_of("FastAPI"), "").front()));
    EXPECT_THAT(text("main.py"), HasSubstr(blocks_in(section_of("FastAPI"), "python").front()));
  }
  const std::string written = text("target.toml");
  std::string target = edited(written, edits_);
  EXPECT_LE(lines_edited(written, target), 3) << target;
  write("target.toml", target);
  Program check = start(commands_[1]);
  ASSERT_EQ(check.wait(kWithPreparation), exited(0)) << check.out() << check.err();
  EXPECT_THAT(check.out(), HasSubstr("2 of 2 cells answer as they must"));
  expect_nothing_left(check);

  std::string summary;
  EXPECT_EQ(measured(commands_[2], summary).at("requests").at("errors"), base::Json::object());
  EXPECT_THAT(summary, AllOf(HasSubstr("requests/s"), HasSubstr("p99")));

  target = edited(target, user_);
  write("target.toml", edited(target, "[endpoint.page]\nlogin = false\n") + "\n" + order_);
  write("poolbench.toml", edited(text("poolbench.toml"), "[load]\n" + mix_));
  const base::Json trial = measured(commands_[2], summary);
  EXPECT_GT(trial.at("endpoints").at("order").at("ok").get<int>(), 0) << trial.at("reasons");
  EXPECT_EQ(trial.at("statuses").at("201"), trial.at("endpoints").at("order").at("ok"));
  EXPECT_THAT(summary, HasSubstr("order"));
}

/// A target that poolbench brings with it, as if it were somebody else's application.
struct Shipped {
  const char* folder;
  const char* edits;  ///< TOML
  std::vector<const char*> toolchain;
};

class ShippedInitTest : public E2eTest, public testing::WithParamInterface<Shipped> {};

TEST_P(ShippedInitTest, TakesThreeLinesFromWhatInitWritesToAGoodCheck) {
  for (const char* program : GetParam().toolchain) {
    if (process::find_program(program).empty()) {
      GTEST_SKIP() << "there is no " << program << " in PATH";
    }
  }
  const fs::path targets = folder_ / "targets", application = targets / GetParam().folder;
  fs::copy(fs::path(POOLBENCH_SOURCE_DIR) / "scenarios/targets", targets,
           fs::copy_options::recursive);
  fs::remove(application / "target.toml");
  Program init = start({"init", application.string()});
  ASSERT_EQ(init.wait(), exited(0)) << init.err();
  const std::string written = base::read_file(application / "target.toml").value_or("");
  const std::string target = edited(written, GetParam().edits);
  EXPECT_LE(lines_edited(written, target), 3) << target;
  ASSERT_TRUE(base::write_file_atomically(application / "target.toml", target));
  Program check = start({"run", "--check", (application / "poolbench.toml").string()});
  EXPECT_EQ(check.wait(std::chrono::seconds(600)), exited(0)) << check.out() << check.err();
  expect_nothing_left(check);
}

const Shipped kShipped[] = {{"django",
                             R"([data]
commands = [
  ["{prepared}/bin/python", "app/manage.py", "migrate", "--verbosity", "0"],
  ["{prepared}/bin/python", "app/manage.py", "seed"],
]
[endpoint.page]
expect.contains = "3000"
)",
                             {}},
                            {"fastapi",
                             R"([data]
commands = [["psql", "--quiet", "--file", "../common/catalog.sql"]]
[endpoint.page]
expect.contains = "3000"
)",
                             {}},
                            {"node",
                             R"([data]
commands = [["psql", "--quiet", "--file", "../common/catalog.sql"]]
[endpoint.page]
expect.contains = "3000"
)",
                             {"node", "npm"}},
                            {"go/app",
                             R"([data]
commands = [["psql", "--quiet", "--file", "../../common/catalog.sql"]]
[serve]
command = ["{prepared}/server", "{host}:{port}"]
[endpoint.page]
expect.contains = "3000"
)",
                             {"go"}}};

INSTANTIATE_TEST_SUITE_P(Each, ShippedInitTest, testing::ValuesIn(kShipped), [](const auto& each) {
  return fs::path(each.param.folder).begin()->string();
});

INSTANTIATE_TEST_SUITE_P(Each, YourApplicationTest,
                         testing::Values(Brought{"fastapi", "FastAPI", "FastAPI", {}},
                                         Brought{"django", "Django", "Django", {}},
                                         Brought{"node", "Express", "Express", {"node", "npm"}},
                                         Brought{"go", "Go", "Go", {"go"}}),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace poolbench::e2e
