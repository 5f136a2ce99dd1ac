package dev.maestro.run;

import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Lists to go over. */
final class Elements {

  private Elements() {}

  static List<Value.Inline> of(String... texts) {
    return Stream.of(texts).map(text -> new Value.Inline(TextNode.valueOf(text))).toList();
  }

  static ActResult.Opened open(String... texts) {
    return new ActResult.Opened(Map.of(), of(texts));
  }
}
