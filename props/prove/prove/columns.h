// The tables of the proof's logic are columns, each a function from keys to values. Writing a field
// puts a layer on its column: new(x) = (x == key ? value : old(x)). So a column that a step does
// not write is untouched by construction, and there are no frame axioms.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "prove/names.h"
#include "prove/path.h"
#include "spec/mutants.h"

namespace cow::prove {

struct SlotTag {
  static constexpr auto name = "Slot";
};
struct FrameTag {
  static constexpr auto name = "Frame";
};
struct VmaTag {
  static constexpr auto name = "Vma";
};
struct RefTag {
  static constexpr auto name = "Ref";
};
struct SwapTag {
  static constexpr auto name = "Swap";
};
struct ThreadTag {
  static constexpr auto name = "Thread";
};
struct MmTag {
  static constexpr auto name = "Mm";
};
struct BlockTag {
  static constexpr auto name = "Block";
};
struct ObjectTag {
  static constexpr auto name = "Object";
};
struct DataTag {
  static constexpr auto name = "Data";
};
struct CellTag {
  static constexpr auto name = "Cell";
};
struct ByteTag {
  static constexpr auto name = "Byte";
};
struct RssTag {
  static constexpr auto name = "RssKey";
};

// A function of one or two keys, with the layers that the running step has put on it.
class Column {
 public:
  Column(std::string name, const std::vector<z3::sort>& keys, const z3::sort& range);
  z3::expr at(const std::vector<z3::expr>& keys) const;
  void set(const std::vector<z3::expr>& keys, const z3::expr& value);
  // Every value at once: from the key and the old value.
  using Rewrite = std::function<z3::expr(const std::vector<z3::expr>& keys, const z3::expr& old)>;
  void rewrite(const Rewrite& rule);
  // What was written at this one key since there were so many layers holds at every key where
  // `where` does. Key and `where` speak of the same constant.
  void spread(std::size_t layers, const z3::expr& key, const z3::expr& where);
  std::size_t layers() const { return layers_.size(); }
  void reset() { layers_.clear(); }
  const std::string& name() const { return name_; }

 private:
  struct Layer {
    std::vector<z3::expr> keys;
    std::optional<z3::expr> value;  // none: a rule
    Rewrite rule;
  };
  std::string name_;
  z3::func_decl base_;
  std::vector<Layer> layers_;
};

z3::func_decl function(const std::string& name, const std::vector<z3::sort>& keys,
                       const z3::sort& range);

// While a row is being made, its fields take their columns one after the other.
struct RowInTheMaking {
  std::function<Column&(const z3::sort&)> next_column;
  const z3::expr* key;
};
extern thread_local RowInTheMaking* row_in_the_making;

// A place in a table: reads as its present value, and writes through.
template <class T> class Field : public T {
 public:
  Field() : Field(row_in_the_making->next_column(sort_of<T>()), *row_in_the_making->key) {}
  Field(const Field&) = delete;
  // Of a place to itself too: the column gets its own value once more.
  Field& operator=(const Field& other) {  // NOLINT(bugprone-unhandled-self-assignment)
    return *this = static_cast<const T&>(other);
  }
  Field& operator=(const T& value) {
    column_->set({key_}, value.e);
    this->e = value.e;
    return *this;
  }

 private:
  Field(Column& column, const z3::expr& key) : T(column.at({key})), column_(&column), key_(key) {}
  Column* column_;
  z3::expr key_;
};
template <class T> T value(const Field<T>& place) { return T(place.e); }

template <class Key, class Row> class Table {
 public:
  explicit Table(const char* name) : name_(name) {}
  Row operator[](const Key& key) const {
    std::size_t next = 0;
    RowInTheMaking making{[&](const z3::sort& range) -> Column& {
                            if (next == columns_.size()) add_column(range);
                            return columns_[next++];
                          },
                          &key.e};
    RowInTheMaking* outer = row_in_the_making;
    row_in_the_making = &making;
    struct Restore {
      RowInTheMaking* to;
      ~Restore() { row_in_the_making = to; }
    } restore{outer};
    return Row{};
  }
  void copy(const Key& from, const Key& to) {
    (*this)[from];  // the row has its columns
    for (Column& c : columns_) c.set({to.e}, c.at({from.e}));
  }
  // What `change` does to the row of `any` happens to every row where `where` holds, at once. It
  // may read and write no other row of this table.
  void change_all(const Key& any, const Bool& where, const auto& change) {
    (*this)[any];  // the row has its columns
    std::vector<std::size_t> layers;
    for (const Column& c : columns_) layers.push_back(c.layers());
    change();
    for (std::size_t i = 0; i < columns_.size(); ++i) columns_[i].spread(layers[i], any.e, where.e);
  }
  void reset() {
    for (Column& c : columns_) c.reset();
  }

 private:
  void add_column(const z3::sort& range) const {
    std::istringstream words(kNames<Row>);
    std::string word;
    for (std::size_t i = 0; i <= columns_.size(); ++i) words >> word;
    // Two columns of one name would be one function.
    if (!words) throw std::logic_error(name_ + " has more fields than names");
    columns_.emplace_back(name_ + "." + word, std::vector{Key::sort()}, range);
  }
  std::string name_;
  mutable std::deque<Column> columns_;
};

// What the upper entry of a page is; the folio of a page, and the references to its other pages.
struct UpperRow {
  Field<Bool> huge, table;
};
struct FolioRow {
  Field<Bool> large;
  Field<Int> others;
};

// How many members an owner has, exactly and without bound: a bijection between an owner's members
// and 0 .. count-1. On removal the last member takes the freed index.
template <class Member, class Owner> class Count {
 public:
  explicit Count(const std::string& name)
      : name_(name),
        in_(name + ".in", {Member::sort()}, context().bool_sort()),
        owner_(name + ".owner", {Member::sort()}, Owner::sort()),
        index_(name + ".index", {Member::sort()}, context().int_sort()),
        member_(name + ".member", {Owner::sort(), context().int_sort()}, Member::sort()),
        count_(name + ".count", {Owner::sort()}, context().int_sort()) {}

  void add(const Member& x, const Owner& o) {
    const z3::expr n = count_.at({o.e});
    in_.set({x.e}, context().bool_val(true));
    owner_.set({x.e}, o.e);
    index_.set({x.e}, n);
    member_.set({o.e, n}, x.e);
    count_.set({o.e}, n + 1);
  }
  void remove(const Member& x, const Owner& o) {
    const z3::expr last = count_.at({o.e}) - 1;
    const z3::expr i = index_.at({x.e});
    const z3::expr moved = member_.at({o.e, last});
    member_.set({o.e, i}, moved);
    index_.set({moved}, i);
    in_.set({x.e}, context().bool_val(false));
    count_.set({o.e}, last);
  }
  // All members of one owner become those of another, which has none.
  void rename(const Owner& from, const Owner& to) {
    const Column owner = owner_, member = member_;
    owner_.rewrite([=](const auto&, const z3::expr& o) { return z3::ite(o == from.e, to.e, o); });
    member_.rewrite([=](const auto& keys, const z3::expr& x) {
      return z3::ite(keys[0] == to.e, member.at({from.e, keys[1]}), x);
    });
    count_.set({to.e}, count_.at({from.e}));
    count_.set({from.e}, context().int_val(0));
  }
  Int count(const Owner& o) const { return Int(count_.at({o.e})); }
  Bool in(const Member& x) const { return Bool(in_.at({x.e})); }
  Owner owner(const Member& x) const { return Owner(owner_.at({x.e})); }
  Int index(const Member& x) const { return Int(index_.at({x.e})); }
  Member member(const Owner& o, const Int& i) const { return Member(member_.at({o.e, i.e})); }
  const std::string& name() const { return name_; }
  void reset() {
    for (Column* c : {&in_, &owner_, &index_, &member_, &count_}) c->reset();
  }

 private:
  std::string name_;
  Column in_, owner_, index_, member_, count_;
};

}  // namespace cow::prove
