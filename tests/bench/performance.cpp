// cow_performance: the benchmarks beside their limits.
//   cow_performance [--quick] [--write=FILE] [Google Benchmark's own options]
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "helper.h"
#include "run.h"
#include "table.h"

namespace {

using namespace cow::bench;

struct Options {
  bool quick = false;
  std::string write;
  std::string helper;
  std::vector<char*> others;
};

Options read_options(int argc, char** argv) {
  constexpr std::string_view kWrite = "--write=";
  Options options;
  for (int i = 0; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--quick") options.quick = true;
    else if (word.substr(0, kWrite.size()) == kWrite) options.write = word.substr(kWrite.size());
    else if (word.substr(0, kHelperOption.size()) == kHelperOption)
      options.helper = word.substr(kHelperOption.size());
    else options.others.push_back(argv[i]);
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  Options options = read_options(argc, argv);
  if (!options.helper.empty())
    return options.helper[0] == 'k' ? kernel_helper(options.helper)
                                    : metadata_helper(options.helper);
  int left = static_cast<int>(options.others.size());
  benchmark::Initialize(&left, options.others.data());
  if (benchmark::ReportUnrecognizedArguments(left, options.others.data())) return 2;

  Plan plan = make_plan(options.quick);
  register_benchmarks(plan);
  benchmark::RunSpecifiedBenchmarks();
  if (options.write.empty()) return 0;
  std::ofstream out(options.write);
  write_report(out, plan);
  out.close();
  if (out) return 0;
  std::fprintf(stderr, "cow_performance: cannot write %s\n", options.write.c_str());
  return 1;
}
