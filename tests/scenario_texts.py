"""A small right scenario, for tests to spoil."""

SMALL = """\
name: two-at-the-well
description: Two neighbours and a piece of news.
start: 2026-05-04 07:00
until: "09:00"
seed: 3
model: scripted
agents:
  - name: Mira
    age: 34
    job: baker
    home: "Burgh : Oak Cottage : Bedroom"
    work: "Burgh : Bakery : Shop"
    look: {hair: "#5a3a22", skin: "#e0b08c", coat: "#aa3311"}
    traits: [patient, curious]
    wishes: [wants to sell more bread]
    relations:
      Ben: thinks that Ben works too much
    memories:
      - The oven was mended last week.
      - {text: Mira has a new apron., say: I have a new apron., fact: gate}
    day:
      - {at: "07:30", minutes: 60, place: "Burgh : Bakery : Kitchen", doing: [baking bread, kneading dough]}
      - at: "08:30"
        minutes: 30
        choices:
          - {place: "Burgh : Bakery : Shop", doing: [selling bread]}
          - {place: "Burgh : Market Square", doing: [fetching water]}
  - name: Ben
    age: 41
    job: smith
    home: "Burgh : Elm Cottage : Room"
facts:
  market:
    text: A market opens on the square at eleven.
    place: "Burgh : Market Square"
    at: "11:00"
  gate:
    text: The mill's gate was painted grey.
    control: true
happenings:
  - {at: "07:30", speaker: the crier, to: Mira, say: A market opens at eleven!, fact: market}
retrieval: {weights: {recency: 1, importance: 2.5}, decay: 0.99, k: 5}
reflection: {threshold: 60}
"""
