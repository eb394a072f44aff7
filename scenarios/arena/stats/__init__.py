"""Statistics of the arena: pure, over arrays of figures by block (one seed's draw of values)."""
