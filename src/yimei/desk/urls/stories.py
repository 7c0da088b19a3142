"""Addresses of customers' stories."""

from django.urls import path

from yimei.desk.views import stories

urlpatterns = [
    path("stories/", stories.index, name="stories"),
    path("stories/album/", stories.album, {"place": "album"}, name="story-album"),
    path("stories/lessons/", stories.album, {"place": "lesson"}, name="story-lessons"),
    path("stories/album/<uuid:story_id>/", stories.show, {"place": "album"}, name="story-show"),
    path("stories/lessons/<uuid:story_id>/", stories.show, {"place": "lesson"}, name="story-lesson"),
    path("stories/pictures/<uuid:picture_id>/", stories.picture, name="story-picture"),
    path("stories/stands/<uuid:stand_id>/down/", stories.take_down, name="story-down"),
    path("stories/<uuid:story_id>/", stories.detail, name="story"),
    path("stories/<uuid:story_id>/write/", stories.write, name="story-write"),
    path("stories/<uuid:story_id>/picture/", stories.add_picture, name="story-add-picture"),
    path("stories/<uuid:story_id>/picture/<uuid:picture_id>/", stories.drop_picture, name="story-drop"),
    path("stories/<uuid:story_id>/agree/", stories.agree, name="story-agree"),
    path("stories/<uuid:story_id>/review/<slug:checker>/", stories.review, name="story-review"),
    path("stories/<uuid:story_id>/up/", stories.put_up, name="story-up"),
    path("stories/<uuid:story_id>/withdraw/", stories.withdraw, name="story-withdraw"),
    path("stories/<uuid:story_id>/stop/", stories.stop, name="story-stop"),
    path("patients/<uuid:patient_id>/stories/", stories.of_patient, name="patient-stories"),
    path("patients/<uuid:patient_id>/stories/new/", stories.begin, name="story-new"),
]
