package dev.maestro.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.maestro.failure.PermanentException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What models are called: short names for full ids, and how the ids of a provider begin.
 *
 * <p>The names Maestro comes with are data, in {@code models.json} beside this class, which says
 * when they were read from the vendors' documentation ({@code asOf}). An alias stands for a full id
 * and never for another alias; case counts.
 *
 * @param aliases full ids by short name
 * @param prefixes how ids begin that a provider offers, by provider
 * @param windows how many tokens fit into a conversation, by model id or the beginning of one
 */
public record ModelNames(
    Map<String, String> aliases,
    Map<ProviderId, List<String>> prefixes,
    NavigableMap<String, Long> windows) {

  private static final String BUILT_IN = "models.json";

  /** Copy the maps. */
  public ModelNames {
    aliases = Map.copyOf(aliases);
    Map<ProviderId, List<String>> copy = new HashMap<>();
    prefixes.forEach((provider, begins) -> copy.put(provider, List.copyOf(begins)));
    prefixes = Map.copyOf(copy);
    windows = Collections.unmodifiableNavigableMap(new TreeMap<>(windows));
  }

  /** Know no sizes of conversations. */
  public ModelNames(Map<String, String> aliases, Map<ProviderId, List<String>> prefixes) {
    this(aliases, prefixes, new TreeMap<>());
  }

  /** {@return no names at all: every model is called by its full id} */
  public static ModelNames none() {
    return new ModelNames(Map.of(), Map.of());
  }

  /** {@return the names this version of Maestro comes with} */
  public static ModelNames builtIn() {
    return BuiltIn.NAMES;
  }

  /** Read when they are needed first: whoever names no model needs none. */
  private static final class BuiltIn {
    static final ModelNames NAMES = readBuiltIn();
  }

  private static ModelNames readBuiltIn() {
    try (InputStream json = ModelNames.class.getResourceAsStream(BUILT_IN)) {
      return read(Objects.requireNonNull(json, BUILT_IN));
    } catch (IOException e) {
      throw new PermanentException("cannot read " + BUILT_IN + " from Maestro's own jar", e);
    }
  }

  /**
   * Read names from JSON of the form {@code {"aliases": {"short": "full id"}, "prefixes":
   * {"provider": ["begin"]}, "windows": {"id": 200000}}}; any may be missing.
   */
  public static ModelNames read(InputStream json) throws IOException {
    JsonNode root = new JsonMapper().readTree(json);
    Map<String, String> aliases = new HashMap<>();
    root.path("aliases").properties().forEach(e -> aliases.put(e.getKey(), e.getValue().asText()));
    Map<ProviderId, List<String>> prefixes = new HashMap<>();
    root.path("prefixes")
        .properties()
        .forEach(e -> prefixes.put(ProviderId.of(e.getKey()), texts(e.getValue())));
    NavigableMap<String, Long> windows = new TreeMap<>();
    root.path("windows").properties().forEach(e -> windows.put(e.getKey(), e.getValue().asLong()));
    return new ModelNames(aliases, prefixes, windows);
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(node -> texts.add(node.asText()));
    return texts;
  }

  /** {@return the same names, where this short name stands for this full id} */
  public ModelNames alias(String name, String id) {
    Map<String, String> more = new HashMap<>(aliases);
    more.put(name, id);
    return new ModelNames(more, prefixes, windows);
  }

  /**
   * {@return the same names, where the ids of this provider begin like this and in no other way}
   */
  public ModelNames prefixes(ProviderId provider, String... begins) {
    Map<ProviderId, List<String>> more = new HashMap<>(prefixes);
    more.put(provider, List.of(begins));
    return new ModelNames(aliases, more, windows);
  }

  /** {@return the same names, where so many tokens fit into conversations with these models} */
  public ModelNames window(String idOrBeginning, long tokens) {
    NavigableMap<String, Long> more = new TreeMap<>(windows);
    more.put(idOrBeginning, tokens);
    return new ModelNames(aliases, prefixes, more);
  }

  /**
   * {@return how many tokens fit into a conversation with this model, where that is known: by its
   * id, or by the longest entry that its id begins with}
   */
  public OptionalLong windowOf(String id) {
    return windows.headMap(id, true).descendingMap().entrySet().stream()
        .filter(entry -> id.startsWith(entry.getKey()))
        .mapToLong(Map.Entry::getValue)
        .findFirst();
  }

  /** {@return the full id that a short name stands for; anything else is a full id already} */
  public String resolve(String aliasOrId) {
    return aliases.getOrDefault(aliasOrId, aliasOrId);
  }

  /** {@return whether anything is known about how the ids of this provider begin} */
  boolean knows(ProviderId provider) {
    return prefixes.containsKey(provider);
  }

  /** {@return whether ids of this provider begin like this one} */
  boolean offers(ProviderId provider, String id) {
    return prefixes.getOrDefault(provider, List.of()).stream().anyMatch(id::startsWith);
  }
}
