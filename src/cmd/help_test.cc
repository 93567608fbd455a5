// What the programs say of themselves is documented: docs/reference/flags-*.md.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>

#include "router/testing/golden.h"

namespace kthena {
namespace {

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::string text;
  std::array<char, 4096> chunk;
  while (const std::size_t read = std::fread(chunk.data(), 1, chunk.size(), pipe.get())) {
    text.append(chunk.data(), read);
  }
  return text;
}

/// `name` without "kthena-": the page is docs/reference/flags-<name>.md.
void expect_page_of_help(const std::string& name) {
  const std::string help = output_of(KTHENA_BIN "/kthena-" + name + " --help");
  router::testing::expect_golden(
      std::string(KTHENA_TESTDATA) + "/../../../docs/reference/flags-" + name + ".md",
      "# Flags of kthena-" + name + "\n\nPrinted by `kthena-" + name +
          " --help`; a test keeps this page equal to it.\n\n"
          "A value is given as `--name value` or `--name=value`. A flag that is either on or off "
          "is "
          "set "
          "by `--name` and\ncleared by `--no-name` or `--name=false`. The command line wins over "
          "the "
          "environment variable in `[env ...]`,\nwhich wins over the default.\n\n"
          "```\n" +
          help + "```\n");
}

TEST(Help, OfTheRouterIsWhatTheReferenceShows) { expect_page_of_help("router"); }

TEST(Help, OfTheControllerManagerIsWhatTheReferenceShows) {
  expect_page_of_help("controller-manager");
}

TEST(Help, OfTheEngineSimulatorIsWhatTheReferenceShows) { expect_page_of_help("engine-simulator"); }

}  // namespace
}  // namespace kthena
