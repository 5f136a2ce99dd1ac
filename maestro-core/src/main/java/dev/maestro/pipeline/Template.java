package dev.maestro.pipeline;

import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.failure.Problem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A text with {@code {{ name }}} in the places where values go; strict: nothing else has a meaning.
 *
 * <p>A quoted text in braces stands for itself, so <code>&#123;&#123; '&#123;&#123;' }}</code>
 * writes two braces, and <code>&#123;&#123; '&#123;%' }}</code> writes <code>&#123;%</code>. There
 * are no filters, conditions or loops. A value is put in as it is and never read again: a name in
 * braces inside it stays text.
 */
public final class Template {

  /** The longest text that comes out, in characters. */
  public static final int LONGEST = 4 * 1024 * 1024;

  private static final int MOST_FAULTS = 20;

  private final String source;
  private final List<Part> parts;

  private Template(String source, List<Part> parts) {
    this.source = source;
    this.parts = List.copyOf(parts);
  }

  /** Where values come from. */
  public interface Values {

    /** {@return the value of this name, if it has one} */
    Optional<String> find(String name);

    /** {@return every name that has a value, for messages} */
    Collection<String> names();

    /** {@return the values of this map} */
    static Values of(Map<String, String> map) {
      return new Values() {
        @Override
        public Optional<String> find(String name) {
          return Optional.ofNullable(map.get(name));
        }

        @Override
        public Collection<String> names() {
          return map.keySet();
        }
      };
    }
  }

  private record Part(String text, boolean isVariable) {}

  /** What is wrong with a template, and from which character on. */
  record Fault(int line, int column, String message) {

    @Override
    public String toString() {
      return message + " at line " + line + ", column " + column + " of the text";
    }
  }

  /**
   * Parse a template.
   *
   * @throws InvalidDefinitionException with every problem, when the text is no template
   */
  public static Template of(String source) {
    List<Fault> faults = new ArrayList<>();
    Template template = parse(source, faults);
    if (!faults.isEmpty()) {
      throw new InvalidDefinitionException(
          "the template",
          faults.stream().map(f -> new Problem("template", "text", f.toString())).toList());
    }
    return template;
  }

  static Template parse(String source, List<Fault> faults) {
    return new Parser(source, faults).parse();
  }

  /** {@return the names it uses, each once, in order} */
  public List<String> variables() {
    Set<String> names = new LinkedHashSet<>();
    parts.stream().filter(Part::isVariable).forEach(part -> names.add(part.text()));
    return List.copyOf(names);
  }

  /** {@return the name it is, when it is a single {@code {{ name }}} and nothing else} */
  public Optional<String> single() {
    return parts.size() == 1 && parts.get(0).isVariable()
        ? Optional.of(parts.get(0).text())
        : Optional.empty();
  }

  /**
   * Put these values in.
   *
   * @param step whose template this is, for messages
   * @throws UnknownVariableException when a name has no value
   * @throws RenderingException when the result is longer than {@link #LONGEST}
   */
  public String render(String step, Map<String, String> values) {
    return render(step, Values.of(values));
  }

  /**
   * Put these values in; each name is looked up where it stands.
   *
   * @param step whose template this is, for messages
   * @throws UnknownVariableException when a name has no value
   * @throws RenderingException when the result is longer than {@link #LONGEST}
   */
  public String render(String step, Values values) {
    StringBuilder text = new StringBuilder();
    for (Part part : parts) {
      String piece = part.isVariable() ? value(step, part.text(), values) : part.text();
      if (piece.length() > LONGEST - text.length()) {
        throw new RenderingException(
            step, "a text of step '" + step + "' would be longer than " + LONGEST + " characters");
      }
      text.append(piece);
    }
    return text.toString();
  }

  private static String value(String step, String name, Values values) {
    return values
        .find(name)
        .orElseThrow(() -> new UnknownVariableException(step, name, values.names()));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Template that && that.source.equals(source);
  }

  @Override
  public int hashCode() {
    return source.hashCode();
  }

  /** {@return the text it was parsed from} */
  @Override
  public String toString() {
    return source;
  }

  /** Reads from left to right once; goes on after a fault, so that all are found. */
  private static final class Parser {

    private final String source;
    private final List<Fault> faults;
    private final int mostFaults;
    private final List<Part> parts = new ArrayList<>();
    private int at;

    Parser(String source, List<Fault> faults) {
      this.source = source;
      this.faults = faults;
      this.mostFaults = faults.size() + MOST_FAULTS;
    }

    Template parse() {
      while (at < source.length()) {
        int open = nextOpening();
        literal(source.substring(at, open));
        at = open;
        if (source.startsWith("{{", open)) {
          braces(open);
        } else if (open < source.length()) {
          fault(open, "logic tags are not known; write {{ '{%' }} for the characters themselves");
          at = open + 2;
        }
        if (faults.size() == mostFaults) {
          break;
        }
      }
      return new Template(source, parts);
    }

    private int nextOpening() {
      int open = source.indexOf('{', at);
      while (open >= 0 && !source.startsWith("{{", open) && !source.startsWith("{%", open)) {
        open = source.indexOf('{', open + 1);
      }
      return open < 0 ? source.length() : open;
    }

    private void braces(int open) {
      int start = skipBlanks(open + 2);
      if (isQuote(start) && quoted(start)) {
        return;
      }
      int close = source.indexOf("}}", open + 2);
      if (close < 0) {
        fault(open, "'{{' is never closed (write {{ '{{' }} for the characters themselves)");
        at = source.length();
        return;
      }
      String content = source.substring(open + 2, close).strip();
      if (Names.isVariable(content)) {
        parts.add(new Part(content, true));
      } else {
        fault(open, "only {{ name }} is known, not {{ " + shortened(content) + " }}");
      }
      at = close + 2;
    }

    private boolean quoted(int start) {
      int end = source.indexOf(source.charAt(start), start + 1);
      int close = skipBlanks(end + 1);
      if (end < 0 || !source.startsWith("}}", close)) {
        return false;
      }
      literal(source.substring(start + 1, end));
      at = close + 2;
      return true;
    }

    private boolean isQuote(int index) {
      return index < source.length()
          && (source.charAt(index) == '\'' || source.charAt(index) == '"');
    }

    private int skipBlanks(int from) {
      int index = from;
      while (index < source.length() && Character.isWhitespace(source.charAt(index))) {
        index++;
      }
      return index;
    }

    private void literal(String text) {
      if (!text.isEmpty()) {
        parts.add(new Part(text, false));
      }
    }

    private void fault(int index, String message) {
      String before = source.substring(0, index);
      int line = 1 + (int) before.chars().filter(c -> c == '\n').count();
      faults.add(new Fault(line, index - before.lastIndexOf('\n'), message));
    }

    private static String shortened(String content) {
      return content.length() <= 40 ? content : content.substring(0, 40) + "…";
    }
  }
}
