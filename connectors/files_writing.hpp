/// Writes a Markdown file that is not there yet, from a text or a template with holes, and takes it away again while nobody has changed it.
#pragma once
#include "runtime/connector.hpp"

namespace steward {

/// The prepared bytes of files.write.
struct file_text {
  std::string path;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(file_text, (), (path, text))

/// The prepared bytes of files.remove.
struct file_removal {
  std::string path;
  std::string digest;  // of what is to be there
};
BOOST_DESCRIBE_STRUCT(file_removal, (), (path, digest))

/// What the folder says to either; becomes the answer's bytes.
struct file_receipt {
  bool done = false;     // removal: whether it was there
  std::string refusal;
};
BOOST_DESCRIBE_STRUCT(file_receipt, (), (done, refusal))

/// Linking the finished draft to its name is the moment it counts: never half a file, and never over another one.
class file_writer {
public:
  file_writer(disk& files, const std::string& root) : files_(files), root_(root) {}
  result<file_receipt> write(const file_text& what, const std::string& key);
  result<file_receipt> remove(const file_removal& what);
  bool untouched() const { return !begun_; }

private:
  disk& files_;
  const std::string& root_;
  bool begun_ = false;
};

action_manifest write_file_manifest();
action_manifest remove_file_manifest();

/// The text that the arguments of files.write ask for. Errors: bad_text, file_text_too_large, and those of a template.
result<std::string> text_to_write(const json& arguments);

}  // namespace steward
