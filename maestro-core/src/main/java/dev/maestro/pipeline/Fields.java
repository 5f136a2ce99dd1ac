package dev.maestro.pipeline;

import dev.maestro.failure.Suggestion;
import dev.maestro.pipeline.Node.Kind;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The fields of one object in a file, read by name and type; what does not fit is reported and
 * counts as absent, and so does a field without a value.
 */
final class Fields {

  /** Where problems go: their code, the path inside the object, and the message. */
  interface Report {
    void problem(String code, String path, String message);
  }

  private static final int LONGEST_NUMBER = 100;

  private final Map<String, Node> fields;
  private final Report report;
  private final boolean numbersAreText;
  private final Set<String> known = new LinkedHashSet<>();

  /**
   * Begin to read an object.
   *
   * @param numbersAreText whether a number or a truth value may stand for a text, as in YAML
   */
  Fields(Node object, boolean numbersAreText, Report report) {
    this.fields = object.fields();
    this.report = report;
    this.numbersAreText = numbersAreText;
  }

  /** {@return a field of this type, if it is there and fits} */
  private Optional<Node> field(String name, Kind kind) {
    known.add(name);
    Node node = fields.get(name);
    if (node == null || node.is(Kind.NOTHING)) {
      return Optional.empty();
    }
    return Optional.of(node).filter(found -> fits(found, kind, name));
  }

  private boolean fits(Node node, Kind kind, String path) {
    boolean fits =
        node.is(kind)
            || kind == Kind.TEXT
                && numbersAreText
                && (node.is(Kind.NUMBER) || node.is(Kind.BOOLEAN));
    if (!fits) {
      String example = kind == Kind.LIST && node.is(Kind.TEXT) ? ", such as [\"a\", \"b\"]" : "";
      problem(path, "must be " + kind + example + ", not " + node.kind());
    }
    return fits;
  }

  Optional<String> text(String name) {
    return field(name, Kind.TEXT).map(Node::text);
  }

  void text(String name, Consumer<String> use) {
    text(name).ifPresent(use);
  }

  Optional<Fields> object(String name) {
    return field(name, Kind.OBJECT).map(node -> inner(node, name));
  }

  /** {@return this field as an object when it is one; anything else is left to another reading} */
  Optional<Fields> objectIfAny(String name) {
    Node node = fields.get(name);
    return node != null && node.is(Kind.OBJECT) ? object(name) : Optional.empty();
  }

  List<Node> list(String name) {
    return field(name, Kind.LIST).map(Node::items).orElse(List.of());
  }

  List<String> texts(String name) {
    return field(name, Kind.LIST).map(list -> texts(list, name)).orElse(List.of());
  }

  List<List<String>> textLists(String name) {
    List<List<String>> lists = new ArrayList<>();
    List<Node> items = list(name);
    for (int i = 0; i < items.size(); i++) {
      if (fits(items.get(i), Kind.LIST, at(name, i))) {
        lists.add(texts(items.get(i), at(name, i)));
      }
    }
    return lists;
  }

  private List<String> texts(Node list, String path) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < list.items().size(); i++) {
      if (fits(list.items().get(i), Kind.TEXT, at(path, i))) {
        texts.add(list.items().get(i).text());
      }
    }
    return texts;
  }

  List<Fields> objects(String name) {
    List<Fields> objects = new ArrayList<>();
    List<Node> items = list(name);
    for (int i = 0; i < items.size(); i++) {
      if (fits(items.get(i), Kind.OBJECT, at(name, i))) {
        objects.add(inner(items.get(i), at(name, i)));
      }
    }
    return objects;
  }

  /** {@return an object whose fields may have any name, and are all texts} */
  Map<String, String> textsByName(String name) {
    Map<String, String> texts = new LinkedHashMap<>();
    object(name)
        .ifPresent(
            object ->
                object
                    .fields
                    .keySet()
                    .forEach(key -> object.text(key, text -> texts.put(key, text))));
    return texts;
  }

  /** {@return what {@code read} makes of a text, unless that cannot be} */
  <T> Optional<T> parsed(String name, Function<String, T> read) {
    return text(name).flatMap(text -> attempt(name, () -> read.apply(text)));
  }

  Optional<Integer> wholeNumber(String name) {
    return number(
        name,
        "must be a whole number that is not too large",
        text -> decimal(text).intValueExact());
  }

  /** {@return the number as JSON Schema has it, which knows no difference between 3 and 3.0} */
  private static BigDecimal decimal(String text) {
    if (text.length() > LONGEST_NUMBER) {
      throw new NumberFormatException(text);
    }
    return new BigDecimal(text);
  }

  Optional<Long> longNumber(String name) {
    return number(
        name,
        "must be a whole number that is not too large",
        text -> decimal(text).longValueExact());
  }

  Optional<Double> number(String name) {
    return number(name, "must be a number", Double::valueOf);
  }

  private <T> Optional<T> number(String name, String rule, Function<String, T> read) {
    Optional<Node> node = field(name, Kind.NUMBER);
    try {
      return node.map(Node::text).map(read);
    } catch (ArithmeticException | NumberFormatException e) {
      problem(name, rule);
      return Optional.empty();
    }
  }

  boolean isTrue(String name) {
    return field(name, Kind.BOOLEAN)
        .map(node -> node.text().equalsIgnoreCase("true"))
        .orElse(false);
  }

  boolean has(String name) {
    known.add(name);
    Node node = fields.get(name);
    return node != null && !node.is(Kind.NOTHING);
  }

  /** {@return what {@code make} gives, or nothing and a problem at the path when it refuses} */
  <T> Optional<T> attempt(String path, Supplier<T> make) {
    try {
      return Optional.of(make.get());
    } catch (IllegalArgumentException e) {
      problem(path, String.valueOf(e.getMessage()));
    }
    return Optional.empty();
  }

  void problem(String path, String message) {
    report.problem(firstName(path), path, message);
  }

  /** Report the fields that nobody asked for. */
  void end() {
    for (String name : fields.keySet()) {
      if (!known.contains(name)) {
        report.problem(
            "unknown-field",
            name,
            "there is no field '" + name + "'" + Suggestion.among(name, known));
      }
    }
  }

  private Fields inner(Node node, String path) {
    return new Fields(
        node,
        numbersAreText,
        (code, inside, message) ->
            report.problem(
                code.equals("unknown-field") ? code : firstName(path),
                inside.isEmpty() ? path : path + "." + inside,
                message));
  }

  static String at(String name, int index) {
    return name + "[" + index + "]";
  }

  private static String firstName(String path) {
    return path.split("[.\\[]", 2)[0];
  }
}
