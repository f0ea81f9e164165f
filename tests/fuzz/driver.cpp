// Feeds a fuzzer with every file of a folder, then with mutations of them that a seed repeats.
// Usage: smoke_X [--seed S] [--mutations N] FOLDER
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

struct Options {
  std::uint64_t seed = 1;
  std::uint64_t mutations = 20000;
  std::filesystem::path folder;
};

Options read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--seed" && i + 1 < argc) options.seed = std::strtoull(argv[++i], nullptr, 10);
    else if (word == "--mutations" && i + 1 < argc)
      options.mutations = std::strtoull(argv[++i], nullptr, 10);
    else options.folder = word;
  }
  return options;
}

std::vector<std::string> read_corpus(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.is_regular_file()) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());  // a seed must mean the same everywhere
  std::vector<std::string> texts;
  for (const std::filesystem::path& path : paths) {
    std::ifstream file(path, std::ios::binary);
    texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return texts;
}

void run(const std::string& text) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

class Mutator {
 public:
  Mutator(const std::vector<std::string>& corpus, std::uint64_t seed)
      : corpus_(corpus), random_(seed) {
    for (const std::string& text : corpus)
      for (std::size_t from = 0; from < text.size();) {
        const std::size_t end = std::min(text.find_first_of(" \n\t", from), text.size());
        if (end > from) words_.push_back(text.substr(from, end - from));
        from = end + 1;
      }
  }

  std::string next() {
    std::string text = corpus_[below(corpus_.size())];
    for (std::size_t edits = 1 + below(4); edits > 0; --edits) edit(text);
    return text;
  }

 private:
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }

  // A word for a word keeps most texts close to the language; single bytes leave it.
  void edit(std::string& text) {
    if (text.empty()) text = "name x\n";
    const std::size_t at = below(text.size());
    switch (below(6)) {
      case 0: text[at] = static_cast<char>(below(256)); return;
      case 1: text.erase(at, 1 + below(8)); return;
      case 2: text.insert(at, words_[below(words_.size())]); return;
      case 3: {  // a line of another text
        const std::string& other = corpus_[below(corpus_.size())];
        const std::size_t line = other.find('\n', other.empty() ? 0 : below(other.size()));
        if (line != std::string::npos)
          text += other.substr(line + 1, other.find('\n', line + 1) - line);
        return;
      }
      default: {
        const std::size_t from = text.find_last_of(" \n\t", at) + 1;
        const std::size_t end = std::min(text.find_first_of(" \n\t", from), text.size());
        text.replace(from, end - from, words_[below(words_.size())]);
      }
    }
  }

  const std::vector<std::string>& corpus_;
  std::vector<std::string> words_;
  std::mt19937_64 random_;
};

}  // namespace

int main(int argc, char** argv) {
  const Options options = read_options(argc, argv);
  if (!std::filesystem::is_directory(options.folder)) {
    std::fprintf(stderr, "expected a folder, found '%s'\n", options.folder.c_str());
    return 2;
  }
  const std::vector<std::string> corpus = read_corpus(options.folder);
  if (corpus.empty()) return 1;
  for (const std::string& text : corpus) run(text);
  Mutator mutator(corpus, options.seed);
  for (std::uint64_t i = 0; i < options.mutations; ++i) run(mutator.next());
  std::printf("%zu files, %llu mutations, seed %llu\n", corpus.size(),
              static_cast<unsigned long long>(options.mutations),
              static_cast<unsigned long long>(options.seed));
  return 0;
}
